package io.loraoperator.trainer.schedule;

import io.loraoperator.contract.FineTuneSpec.Schedule;
import io.loraoperator.contract.FineTuneSpec.ScheduleType;
import java.math.BigDecimal;

/**
 * The learning rate of each step, as transformers computes it: the first step of a warm-up has rate
 * 0, and a ratio is rounded up to whole steps.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/optimization.py">transformers,
 *     optimization.py</a>
 */
public final class LearningRateSchedule {

  private final ScheduleType type;
  private final double peak;
  private final int warmupSteps;
  private final int totalSteps;

  /** A schedule over a whole run. */
  public LearningRateSchedule(Schedule schedule, BigDecimal learningRate, int totalSteps) {
    this.type = schedule.type();
    this.peak = learningRate.doubleValue();
    this.totalSteps = totalSteps;
    Integer steps = schedule.warmupSteps();
    BigDecimal ratio = schedule.warmupRatio();
    if (steps != null) {
      this.warmupSteps = steps;
    } else if (ratio != null) {
      // In floating point, as transformers: 0.07 of 100 steps are 8.
      this.warmupSteps = (int) Math.ceil(totalSteps * ratio.doubleValue());
    } else {
      this.warmupSteps = 0;
    }
  }

  /**
   * The learning rate of a step.
   *
   * @param step from 1
   */
  public double rate(int step) {
    return peak * factor(step - 1);
  }

  private double factor(int done) {
    if (type != ScheduleType.Constant && done < warmupSteps) {
      return done / (double) Math.max(1, warmupSteps);
    }
    double length = Math.max(1, totalSteps - warmupSteps);
    return switch (type) {
      case Constant, ConstantWithWarmup -> 1;
      case Linear -> Math.max(0, (totalSteps - done) / length);
      case Cosine -> Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (done - warmupSteps) / length)));
    };
  }
}
