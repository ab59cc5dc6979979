package io.loraoperator.model;

import java.util.BitSet;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Chooses the next token from logits: repetition penalty, temperature, the most probable tokens,
 * then nucleus sampling, in the order of transformers.
 *
 * @see <a href="https://arxiv.org/abs/1909.05858">Keskar et al., 2019 (repetition penalty)</a>
 * @see <a href="https://arxiv.org/abs/1904.09751">Holtzman et al., 2020 (nucleus sampling)</a>
 */
final class TokenSampler {

  private final Sampling sampling;
  private final SplittableRandom random;
  private final BitSet occurred = new BitSet();

  TokenSampler(Sampling sampling) {
    this.sampling = sampling;
    this.random = new SplittableRandom(sampling.seed());
  }

  /** Takes note of tokens that have occurred, in the prompt or after it. */
  void saw(int... tokens) {
    for (int token : tokens) {
      occurred.set(token);
    }
  }

  /** The next token; the logits are used up. */
  int next(float[] logits) {
    if (sampling.repetitionPenalty() != 1) {
      float penalty = (float) sampling.repetitionPenalty();
      occurred.stream()
          .forEach(token ->
              logits[token] =
                  logits[token] < 0 ? logits[token] * penalty : logits[token] / penalty);
    }
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
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp((logits[i] - largest) / sampling.temperature());
    }
    int[] order =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -weights[i]))
            .mapToInt(i -> i)
            .limit(sampling.topK() == 0 ? logits.length : sampling.topK())
            .toArray();
    double total = IntStream.of(order).mapToDouble(i -> weights[i]).sum();
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
