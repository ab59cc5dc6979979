package io.loraoperator.trainer.run;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.Reason;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.MemoryEstimate;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.trainer.RunFailure;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What a run will take of memory, and whether it is there.
 *
 * @param estimate as the run is specified
 * @param recomputed the same with recomputed activations, asked for where the run does not fit
 * @param limit bytes that the process may take
 */
public record MemoryNeed(MemoryEstimate estimate, Supplier<MemoryEstimate> recomputed, long limit) {

  private static final double GIBIBYTE = 1L << 30;

  /** Steps whose micro-batches are looked at: those of a longer run are of the same rows. */
  private static final int STEPS = 10_000;

  /** The need of a run on these data, whose largest micro-batch counts. */
  public static MemoryNeed of(
      FineTuneSpec spec,
      Architecture architecture,
      LoraConfig lora,
      PreparedData data,
      long limit) {
    return new MemoryNeed(
        estimate(spec, architecture, lora, data, spec.training().gradientCheckpointing()),
        () -> estimate(spec, architecture, lora, data, true),
        limit);
  }

  private static MemoryEstimate estimate(
      FineTuneSpec spec,
      Architecture architecture,
      LoraConfig lora,
      PreparedData data,
      boolean recompute) {
    int[] lengths = data.train().rows().stream().mapToInt(row -> row.ids().length).toArray();
    return MemoryEstimate.of(
        architecture,
        EngineSettings.precision(spec.baseModel()),
        EngineSettings.quantization(spec.baseModel()),
        lora,
        IntStream.rangeClosed(1, Math.min(STEPS, data.plan().totalSteps()))
            .boxed()
            .flatMap(step -> data.plan().microBatches(step).stream())
            .map(rows -> Arrays.stream(rows).map(row -> lengths[row]).toArray()),
        recompute);
  }

  /**
   * Refuses a run that does not fit.
   *
   * @throws RunFailure with {@link Reason#InsufficientMemory} and what would make it fit
   */
  public void require() {
    if (estimate.total() > limit) {
      throw new RunFailure(
          Reason.InsufficientMemory,
          "the run takes about %.2f GiB (weights %.2f, adapters %.2f, activations %.2f); the limit is %.2f GiB"
              .formatted(
                  estimate.total() / GIBIBYTE,
                  estimate.weights() / GIBIBYTE,
                  estimate.adapters() / GIBIBYTE,
                  estimate.activations() / GIBIBYTE,
                  limit / GIBIBYTE),
          remedy());
    }
  }

  private String remedy() {
    String more =
        "raise spec.resources.memory above %.2f GiB".formatted(estimate.total() / GIBIBYTE);
    long less = recomputed.get().total();
    return less <= limit
        ? "Set spec.training.gradientCheckpointing: true (%.2f GiB), or %s."
            .formatted(less / GIBIBYTE, more)
        : "Lower spec.training.batchSize or spec.dataset.maxLength, use spec.baseModel.precision: BFloat16, or %s."
            .formatted(more);
  }
}
