package io.loraoperator.model;

/**
 * Settings of the optimizer, named as in {@code torch.optim.AdamW}.
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay decoupled weight decay
 */
public record AdamWConfig(double beta1, double beta2, double epsilon, double weightDecay) {

  /** The defaults of transformers' trainer. */
  public static final AdamWConfig DEFAULT = new AdamWConfig(0.9, 0.999, 1e-8, 0);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public AdamWConfig {
    check(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1)", beta1);
    check(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1)", beta2);
    check(epsilon > 0 && Double.isFinite(epsilon), "epsilon must be positive", epsilon);
    check(
        weightDecay >= 0 && Double.isFinite(weightDecay),
        "weightDecay must not be negative",
        weightDecay);
  }

  private static void check(boolean holds, String rule, double value) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ", got " + value);
    }
  }
}
