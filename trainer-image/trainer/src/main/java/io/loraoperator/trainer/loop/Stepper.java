package io.loraoperator.trainer.loop;

import io.loraoperator.contract.FineTuneSpec.Training;
import io.loraoperator.contract.Reason;
import io.loraoperator.model.AdamW;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.model.StepKey;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.batch.StepPlan;
import io.loraoperator.trainer.schedule.LearningRateSchedule;
import java.util.Arrays;
import java.util.List;

/**
 * Carries out single optimizer steps. The loss is the mean over the trained tokens of the whole
 * step: gradients are scaled by the tokens of all its micro-batches, the smaller last ones
 * included, not averaged over means.
 */
public final class Stepper {

  private final FineTunableModel model;
  private final AdamW optimizer;
  private final List<Row> rows;
  private final StepPlan plan;
  private final LearningRateSchedule schedule;
  private final double maxGradientNorm;
  private final long seed;

  /** Steps over these rows. */
  public Stepper(
      FineTunableModel model,
      AdamW optimizer,
      List<Row> rows,
      StepPlan plan,
      LearningRateSchedule schedule,
      Training training) {
    this.model = model;
    this.optimizer = optimizer;
    this.rows = rows;
    this.plan = plan;
    this.schedule = schedule;
    this.maxGradientNorm = training.maxGradientNorm().doubleValue();
    this.seed = training.seed();
  }

  /**
   * Takes a step.
   *
   * @param step from 1
   * @throws RunFailure {@link Reason#LossDiverged} if the loss or the gradient is not finite; the
   *     adapter is left as it was
   */
  public StepResult step(int step) {
    List<List<Row>> microBatches =
        plan.microBatches(step).stream()
            .map(places -> Arrays.stream(places).mapToObj(rows::get).toList())
            .toList();
    long tokens = 0;
    long trained = 0;
    for (List<Row> batch : microBatches) {
      for (Row row : batch) {
        tokens += row.ids().length;
        trained += row.trainedTokens();
      }
    }
    double lossSum = 0;
    for (int i = 0; i < microBatches.size(); i++) {
      lossSum += model.accumulate(microBatches.get(i), 1.0 / trained, new StepKey(seed, step, i));
    }
    checkFinite(step, "loss", lossSum / trained);
    double rate = schedule.rate(step);
    double norm = optimizer.step(rate, maxGradientNorm);
    checkFinite(step, "gradient norm", norm);
    return new StepResult(step, lossSum, trained, tokens, rate, norm);
  }

  /** The learning rate of a step, from 1. */
  public double learningRate(int step) {
    return schedule.rate(step);
  }

  private static void checkFinite(int step, String what, double value) {
    if (!Double.isFinite(value)) {
      throw new RunFailure(
          Reason.LossDiverged, "the %s of step %d is %s".formatted(what, step, value));
    }
  }
}
