package io.loraoperator.model;

/**
 * How the next token is chosen.
 *
 * @param temperature divides the logits; 0 takes the most probable token
 * @param topP keeps the most probable tokens that together reach this probability, in (0, 1]
 * @param seed seed of the draws
 */
public record Sampling(double temperature, double topP, long seed) {

  /** Always the most probable token. */
  public static final Sampling GREEDY = new Sampling(0, 1, 0);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public Sampling {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("temperature must be 0 or more, got " + temperature);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("topP must be over 0 and at most 1, got " + topP);
    }
  }
}
