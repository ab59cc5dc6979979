package io.loraoperator.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.loraoperator.api.LoraFineTune;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorthALookTest {

  private static final String OBJECT =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: a, namespace: b, uid: c, generation: 1}
      status:
        progress: {run: 1, attempt: 2, step: 10}
        conditions:
          - {type: Resumed, status: "True", reason: FromCheckpoint, message: attempt 2 went on after step 5}
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "step: 10         | step: 11                     | false | a reporter's progress",
        "generation: 1    | generation: 2                | true  | an edit",
        "uid: c           | 'uid: c, deletionTimestamp: \"2026-01-01T00:00:00Z\"' | true | a deletion",
        "FromCheckpoint   | FromOlderCheckpoint          | true  | another checkpoint",
        "attempt: 2       | attempt: 3                   | true  | another attempt",
      })
  void acceptsWhatTheOperatorHasToLookAt(
      String part, String replacement, boolean accepted, String what) {
    LoraFineTune before = Serialization.unmarshal(OBJECT, LoraFineTune.class);
    LoraFineTune now =
        Serialization.unmarshal(OBJECT.replace(part, replacement), LoraFineTune.class);

    assertThat(new WorthALook().accept(now, before)).as(what).isEqualTo(accepted);
    assertThat(new WorthALook().accept(now, now)).isEqualTo(now.isMarkedForDeletion());
  }
}
