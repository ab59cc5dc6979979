package io.loraoperator.model;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Chooses the next token from logits: temperature, then nucleus sampling.
 *
 * @see <a href="https://arxiv.org/abs/1904.09751">Holtzman et al., 2020</a>
 */
final class TokenSampler {

  private final Sampling sampling;
  private final SplittableRandom random;

  TokenSampler(Sampling sampling) {
    this.sampling = sampling;
    this.random = new SplittableRandom(sampling.seed());
  }

  int next(float[] logits) {
    return sampling.temperature() == 0 ? mostProbable(logits) : draw(logits);
  }

  /** The first of the largest, as argmax. */
  private static int mostProbable(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  private int draw(float[] logits) {
    double largest = logits[mostProbable(logits)];
    double[] weights = new double[logits.length];
    double total = 0;
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp((logits[i] - largest) / sampling.temperature());
      total += weights[i];
    }
    int[] order =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -weights[i]))
            .mapToInt(i -> i)
            .toArray();
    int kept = 0;
    double nucleus = 0;
    while (kept < order.length && (kept == 0 || nucleus < sampling.topP() * total)) {
      nucleus += weights[order[kept]];
      kept++;
    }
    double left = random.nextDouble() * nucleus;
    for (int i = 0; i < kept; i++) {
      left -= weights[order[i]];
      if (left < 0) {
        return order[i];
      }
    }
    return order[kept - 1];
  }
}
