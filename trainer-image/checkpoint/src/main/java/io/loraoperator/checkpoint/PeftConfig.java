package io.loraoperator.checkpoint;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code adapter_config.json} says of a LoRA adapter.
 *
 * @param baseModel what the adapter belongs to; null if not said
 * @param rank r, the inner dimension
 * @param alpha the scale's numerator: y = Wx + (alpha / r) B A x
 * @param dropout probability that an input of A is zeroed in training
 * @param targetModules names of the adapted modules: last parts ({@code q_proj}) or longer suffixes
 * @param rankStabilised whether the scale is alpha / √r
 * @see <a href="https://huggingface.co/docs/peft/package_reference/lora">PEFT, LoraConfig</a>
 */
public record PeftConfig(
    @Nullable String baseModel,
    int rank,
    double alpha,
    double dropout,
    List<String> targetModules,
    boolean rankStabilised) {

  /**
   * @throws IllegalArgumentException if a number is out of its range or nothing is adapted
   */
  public PeftConfig {
    targetModules = targetModules.stream().sorted().distinct().toList();
    if (rank < 1) {
      throw new IllegalArgumentException("r must be at least 1, is " + rank);
    }
    if (!(alpha > 0) || Double.isInfinite(alpha)) {
      throw new IllegalArgumentException("lora_alpha must be positive, is " + alpha);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("lora_dropout must be in [0, 1), is " + dropout);
    }
    if (targetModules.isEmpty()) {
      throw new IllegalArgumentException("target_modules is empty");
    }
  }

  /** The factor of B A x. */
  public double scale() {
    return rankStabilised ? alpha / Math.sqrt(rank) : alpha / rank;
  }
}
