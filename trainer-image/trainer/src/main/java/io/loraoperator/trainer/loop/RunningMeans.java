package io.loraoperator.trainer.loop;

/**
 * What is summed up between two lines of the log, and over the run. All of it is kept in
 * checkpoints, so that the log of a resumed run is that of an unbroken one.
 *
 * @param lossSum since the last logged step
 * @param trainedTokens since the last logged step
 * @param tokensSeen since the start of the run
 */
public record RunningMeans(double lossSum, long trainedTokens, long tokensSeen) {

  /** The start of a run. */
  public static final RunningMeans ZERO = new RunningMeans(0, 0, 0);

  /** With a step added. */
  public RunningMeans plus(StepResult step) {
    return new RunningMeans(
        lossSum + step.lossSum(), trainedTokens + step.trainedTokens(), tokensSeen + step.tokens());
  }

  /** After a line of the log. */
  public RunningMeans logged() {
    return new RunningMeans(0, 0, tokensSeen);
  }

  /** Mean loss over the trained tokens since the last logged step. */
  public double loss() {
    return lossSum / trainedTokens;
  }
}
