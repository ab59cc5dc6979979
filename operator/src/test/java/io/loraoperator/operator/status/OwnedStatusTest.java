package io.loraoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.loraoperator.api.status.LoraFineTuneStatus;
import io.loraoperator.operator.Simulation;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is the operator's and what the reporter's. */
class OwnedStatusTest {

  private static final String BOTH =
      """
      observedGeneration: 1
      run: {number: 1, attempt: 1}
      progress: {run: 1, step: 5}
      checkpoint: {step: 4}
      conditions:
      - {type: Succeeded, status: Unknown, reason: Running}
      - {type: ProgressReporting, status: 'True', reason: Fresh}
      - {type: Checkpointed, status: 'True', reason: Uploaded}
      """;

  @Test
  void theReportersPartIsLeftOut() {
    LoraFineTuneStatus owned = OwnedStatus.of(status(BOTH));

    assertThat(owned.progress()).isNull();
    assertThat(owned.checkpoint()).isNull();
    assertThat(owned.conditions()).singleElement().extracting("type").isEqualTo("Succeeded");
  }

  @Test
  void progressIsNoChange() {
    assertThat(
            OwnedStatus.same(
                status(BOTH), status(BOTH.replace("step: 5", "step: 6").replace("Fresh", "Stale"))))
        .isTrue();
    assertThat(OwnedStatus.same(status(BOTH), status(BOTH.replace("Running", "Resuming"))))
        .isFalse();
    assertThat(OwnedStatus.same(null, status(BOTH))).isFalse();
  }

  @Test
  void theOrderOfConditionsIsNoChange() {
    Simulation world = new Simulation("");
    world.settle();
    LoraFineTuneStatus status = world.status();
    var reversed = new java.util.ArrayList<>(status.conditions());
    Collections.reverse(reversed);

    assertThat(
            OwnedStatus.same(
                status,
                new LoraFineTuneStatus(
                    status.observedGeneration(),
                    status.run(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    status.provenance(),
                    status.gpuSeconds(),
                    status.history(),
                    List.copyOf(reversed))))
        .isTrue();
  }

  @Test
  void aConditionKeepsItsTimeAsLongAsItsStatusStays() {
    Simulation world = new Simulation("");
    world.settle();
    world.pass(60);
    world.trains();
    world.settle();

    assertThat(world.condition(ConditionType.Accepted).getLastTransitionTime())
        .isEqualTo("2026-01-01T00:00:00Z");
    assertThat(world.condition(ConditionType.Succeeded).getLastTransitionTime())
        .as("the reason changed from Starting to Running, the status did not")
        .isEqualTo("2026-01-01T00:00:00Z");
    assertThat(world.condition(ConditionType.Running).getLastTransitionTime())
        .isEqualTo("2026-01-01T00:01:00Z");
  }

  @Test
  void everyConditionIsAboutTheGenerationThatWasSeen() {
    Simulation world = new Simulation("");
    world.edit("backoffLimit: 1");
    world.settle();

    assertThat(world.status().observedGeneration()).isEqualTo(2);
    assertThat(world.status().conditions())
        .allSatisfy(condition -> assertThat(condition.getObservedGeneration()).isEqualTo(2));
  }

  private static LoraFineTuneStatus status(String yaml) {
    return Serialization.unmarshal(yaml, LoraFineTuneStatus.class);
  }
}
