package io.loraoperator.model;

/**
 * How the next token is chosen.
 *
 * @param temperature divides the logits; 0 takes the most probable token
 * @param topK keeps so many of the most probable tokens; 0 keeps all
 * @param topP keeps the most probable tokens that together reach this probability, in (0, 1]
 * @param repetitionPenalty what the logits of tokens that have occurred are divided by, or
 *     multiplied by where they are negative; 1 leaves them
 * @param seed seed of the draws
 */
public record Sampling(
    double temperature, int topK, double topP, double repetitionPenalty, long seed) {

  /** Always the most probable token. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 1, 0);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public Sampling {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("temperature must be 0 or more, got " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("topK must be 0 or more, got " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("topP must be over 0 and at most 1, got " + topP);
    }
    if (!(repetitionPenalty > 0) || Double.isInfinite(repetitionPenalty)) {
      throw new IllegalArgumentException(
          "repetitionPenalty must be over 0, got " + repetitionPenalty);
    }
  }
}
