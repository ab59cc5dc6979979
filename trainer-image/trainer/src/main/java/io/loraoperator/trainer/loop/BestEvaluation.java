package io.loraoperator.trainer.loop;

import org.jspecify.annotations.Nullable;

/**
 * The lowest evaluation loss so far. A loss counts as better if it is lower at all, as
 * transformers' {@code EarlyStoppingCallback} has it with its threshold of 0.
 *
 * @param step after which it was measured
 * @param loss mean over the trained tokens of the evaluation rows
 * @param evaluationsSince evaluations that were not better
 */
public record BestEvaluation(int step, double loss, int evaluationsSince) {

  /** After another evaluation. */
  public static BestEvaluation after(@Nullable BestEvaluation before, int step, double loss) {
    return before == null || loss < before.loss
        ? new BestEvaluation(step, loss, 0)
        : new BestEvaluation(before.step, before.loss, before.evaluationsSince + 1);
  }
}
