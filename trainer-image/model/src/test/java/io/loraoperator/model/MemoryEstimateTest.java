package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.DType;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an estimate depends on; that it is near the truth is for the benchmark to say. */
class MemoryEstimateTest {

  private static final int[] SHORT = {30, 40, 20};
  private static final int[] LONG = {300, 400, 200};

  private final Architecture architecture = Fixture.read("llama-tied").architecture();
  private final LoraConfig lora = new LoraConfig(4, 8, 0, List.of("all-linear"), 1);

  @Test
  void theLargestMicroBatchCounts() {
    assertThat(estimate(Precision.FLOAT32, lora, false, SHORT, LONG, SHORT))
        .isEqualTo(estimate(Precision.FLOAT32, lora, false, LONG));
    assertThat(estimate(Precision.FLOAT32, lora, false, LONG).activations())
        .isGreaterThan(9 * estimate(Precision.FLOAT32, lora, false, SHORT).activations());
  }

  @Test
  void recomputationSavesActivationsAndNothingElse() {
    MemoryEstimate kept = estimate(Precision.FLOAT32, lora, false, LONG);
    MemoryEstimate recomputed = estimate(Precision.FLOAT32, lora, true, LONG);
    assertThat(recomputed.activations()).isLessThan(kept.activations());
    assertThat(recomputed.total() - recomputed.activations())
        .isEqualTo(kept.total() - kept.activations());
  }

  @Test
  void narrowWeightsTakeHalf() {
    assertThat(2 * estimate(Precision.BFLOAT16, lora, false, SHORT).weights())
        .isEqualTo(estimate(Precision.FLOAT32, lora, false, SHORT).weights());
  }

  @Test
  void quantizedWeightsTakeHalfAByteAndTheirScales() {
    MemoryEstimate plain =
        MemoryEstimate.of(architecture, Precision.BFLOAT16, null, null, Stream.of(SHORT), false);
    MemoryEstimate quantized =
        MemoryEstimate.of(
            architecture,
            Precision.BFLOAT16,
            new Quantization(false, 64),
            null,
            Stream.of(SHORT),
            false);
    long linear = 2 * (24 * 40 + 2 * 24 * 20 + 40 * 24 + 3 * 24 * 40);
    long scales = 2 * (15 + 8 + 8 + 15 + 3 * 15); // 7.5 blocks in keys and in values
    long largest = 2 * 40 * 24;
    long buffer = DequantizationBuffer.bytes(DType.BFLOAT16, largest);
    assertThat(plain.weights() - quantized.weights() + buffer)
        .isEqualTo(2 * linear - linear / 2 - scales * Float.BYTES);
    assertThat(new Quantization(true, 64).bytes(64 * 512))
        .isEqualTo(64 * 512 / 2 + 512 + 3 * Float.BYTES);
  }

  @Test
  void aModelWithoutAdaptersHasTheWeightsAlone() {
    MemoryEstimate plain = estimate(Precision.FLOAT32, null, false, SHORT);
    assertThat(plain.adapters()).isZero();
    assertThat(plain.weights()).isEqualTo(ModelWeights.count(architecture) * Float.BYTES);
  }

  private MemoryEstimate estimate(
      Precision precision, @Nullable LoraConfig config, boolean recompute, int[]... microBatches) {
    return MemoryEstimate.of(
        architecture, precision, null, config, Stream.of(microBatches), recompute);
  }
}
