package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.torch.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Adapters on embedding and head beside what PEFT shows of them: how they start, and dropout. */
class TableAdapterTest {

  private static final String EMBEDDING = "base_model.model.model.embed_tokens.lora_embedding_";
  private static final String HEAD = "base_model.model.lm_head.lora_";

  private final Fixture fixture = Fixture.read("llama-untied");
  private final List<Row> rows = fixture.rows();
  private final StepKey key = new StepKey(1, 1, 0);

  /** As in PEFT the embedding's A is zero and B normal; the head's are as those of the layers. */
  @Test
  void newOnesChangeNothingAndTheBaseStaysAsItWas() {
    int[] ids = rows.getFirst().ids();
    try (FineTunableModel plain = fixture.model(null);
        FineTunableModel model = fixture.model(tables(0));
        AdamW optimizer = model.optimizer(AdamWConfig.DEFAULT)) {
      float[] before = plain.logits(ids);
      Map<String, HostTensor> start = model.adapter();
      assertThat(start.keySet())
          .containsExactlyInAnyOrder(
              EMBEDDING + "A", EMBEDDING + "B", HEAD + "A.weight", HEAD + "B.weight");
      assertThat(model.logits(ids)).isEqualTo(before);
      assertThat(values(start, EMBEDDING + "A")).containsOnly(0f);
      assertThat(values(start, HEAD + "B.weight")).containsOnly(0f);
      assertThat(standardDeviation(values(start, EMBEDDING + "B"))).isCloseTo(1, within(0.2));
      int width = fixture.architecture().hiddenSize();
      for (float value : values(start, HEAD + "A.weight")) {
        assertThat(Math.abs(value)).isLessThanOrEqualTo((float) (1 / Math.sqrt(width)));
      }

      model.accumulate(rows, 1, key);
      Map<String, HostTensor> gradients = model.gradients();
      assertThat(values(gradients, EMBEDDING + "B")).containsOnly(0f);
      assertThat(values(gradients, HEAD + "A.weight")).containsOnly(0f);
      assertThat(Fixture.largest(Map.of("A", tensor(gradients, EMBEDDING + "A")))).isPositive();
      assertThat(Fixture.largest(Map.of("B", tensor(gradients, HEAD + "B.weight")))).isPositive();
      optimizer.step(1e-2, 0);
      assertThat(model.logits(ids)).isNotEqualTo(before);
      model.loadAdapter(start);
      assertThat(model.logits(ids)).isEqualTo(before);
    }
  }

  /** As in PEFT the head's input is dropped and the embedding's is not. */
  @Test
  void theirGradientsAreTheSlopesOfTheLossWithDropout() {
    try (FineTunableModel model = fixture.model(tables(0.3))) {
      Map<String, HostTensor> adapter = model.adapter();
      Random random = new Random(5);
      adapter.values().forEach(tensor -> LossSlope.change(tensor, 0.1, random));
      model.loadAdapter(adapter);
      double once = model.accumulate(rows, 1, key);
      assertThat(model.accumulate(rows, 1, new StepKey(1, 2, 0))).isNotEqualTo(once);
    }
    for (String module : List.of(EMBEDDING, HEAD)) {
      try (FineTunableModel model = fixture.model(tables(0.3))) {
        Map<String, HostTensor> adapter = model.adapter();
        Random random = new Random(5);
        adapter.values().forEach(tensor -> LossSlope.change(tensor, 0.1, random));
        model.loadAdapter(adapter);
        LossSlope.isTheGradient(model, adapter, name -> name.startsWith(module), rows, key);
      }
    }
  }

  @Test
  void theEstimateKnowsThem() {
    MemoryEstimate estimate =
        MemoryEstimate.of(
            fixture.architecture(),
            Precision.FLOAT32,
            null,
            tables(0),
            Stream.of(new int[] {30}),
            false);
    try (FineTunableModel model = fixture.model(tables(0))) {
      // Values, gradients and two moments.
      assertThat(estimate.adapters()).isEqualTo(4 * Float.BYTES * model.trainableParameterCount());
    }
  }

  private static LoraConfig tables(double dropout) {
    return new LoraConfig(4, 6, dropout, List.of("embed_tokens", "lm_head"), 1);
  }

  private static HostTensor tensor(Map<String, HostTensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name));
  }

  private static float[] values(Map<String, HostTensor> tensors, String name) {
    return SafetensorsFixture.floats(tensors.get(name));
  }

  private static double standardDeviation(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += value * value;
    }
    return Math.sqrt(squares / values.length);
  }
}
