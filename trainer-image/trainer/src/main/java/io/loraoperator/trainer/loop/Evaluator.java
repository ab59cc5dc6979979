package io.loraoperator.trainer.loop;

import io.loraoperator.model.Evaluation;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.FineTunableModel.Row;
import java.util.List;

/** Measures a model on rows that it does not learn from. */
public final class Evaluator {

  private final FineTunableModel model;
  private final List<Row> rows;
  private final int batchSize;
  private final StopSignal stop;

  /** Measures on these rows, as many at once as in training. */
  public Evaluator(FineTunableModel model, List<Row> rows, int batchSize, StopSignal stop) {
    this.model = model;
    this.rows = rows;
    this.batchSize = batchSize;
    this.stop = stop;
  }

  /**
   * Sums over all rows.
   *
   * @throws StopSignal.Interruption if told to stop meanwhile
   */
  public Evaluation evaluate() {
    double lossSum = 0;
    long trained = 0;
    long correct = 0;
    for (int from = 0; from < rows.size(); from += batchSize) {
      stop.check();
      Evaluation part = model.evaluate(rows.subList(from, Math.min(rows.size(), from + batchSize)));
      lossSum += part.lossSum();
      trained += part.trainedTokens();
      correct += part.correctTokens();
    }
    return new Evaluation(lossSum, trained, correct);
  }
}
