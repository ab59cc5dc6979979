package io.loraoperator.trainer.run;

import io.loraoperator.contract.ProgressSnapshot;
import io.loraoperator.contract.ProgressSnapshot.Checkpoint;
import io.loraoperator.contract.ProgressSnapshot.Phase;
import io.loraoperator.contract.ProgressSnapshot.Resumption;
import io.loraoperator.trainer.artifacts.TrainingLog;
import io.loraoperator.trainer.checkpoint.CheckpointUploads;
import io.loraoperator.trainer.loop.RunningMeans;
import io.loraoperator.trainer.loop.StepResult;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Keeps where a run stands, tells the observer, and writes the progress file: at every change of
 * phase, at every checkpoint, and at most once a second while steps go by. Checkpoints are told by
 * the thread that stores them.
 */
final class ProgressTracker implements CheckpointUploads.Listener {

  private static final Duration WRITE_INTERVAL = Duration.ofSeconds(1);

  private final RunRequest request;
  private final RunObserver observer;
  private final Clock clock;
  private Phase phase = Phase.Loading;
  private int step;
  private @Nullable Integer totalSteps;
  private @Nullable Double epoch;
  private @Nullable Double loss;
  private @Nullable Double evaluationLoss;
  private @Nullable Double learningRate;
  private @Nullable Double gradientNorm;
  private @Nullable Long tokensSeen;
  private @Nullable Checkpoint checkpoint;
  private @Nullable String checkpointProblem;
  private @Nullable Resumption resumption;
  private Instant lastWritten = Instant.EPOCH;
  private boolean writeFails;
  private long tokensOfAttempt;
  private int stepsOfAttempt;
  private double secondsOfAttempt;

  ProgressTracker(RunRequest request, RunObserver observer, Clock clock) {
    this.request = request;
    this.observer = observer;
    this.clock = clock;
  }

  synchronized void phase(Phase newPhase) {
    phase = newPhase;
    publish(true);
  }

  synchronized void resumed(
      int atStep, double epochThere, RunningMeans means, TrainingLog log, Checkpoint from) {
    step = atStep;
    epoch = epochThere;
    tokensSeen = means.tokensSeen();
    loss = orNull(log.lastLoss());
    evaluationLoss = orNull(log.lastEvaluationLoss());
    checkpoint = from;
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? (Double) value.getAsDouble() : null;
  }

  /** Tells where the attempt goes on, and what it could not use. */
  synchronized void resumption(Resumption found) {
    resumption = found;
    publish(true);
  }

  synchronized void totalSteps(int total) {
    totalSteps = total;
    publish(true);
  }

  synchronized void step(StepResult result, double epochNow, RunningMeans means, double seconds) {
    step = result.step();
    epoch = epochNow;
    learningRate = result.learningRate();
    gradientNorm = result.gradientNorm();
    tokensSeen = means.tokensSeen();
    if (loss == null || stepsOfAttempt == 0) {
      loss = means.loss();
    }
    stepsOfAttempt++;
    tokensOfAttempt += result.tokens();
    secondsOfAttempt += seconds;
    publish(Integer.valueOf(step).equals(totalSteps));
  }

  synchronized void loss(double meanLoss) {
    loss = meanLoss;
    publish(true);
  }

  synchronized void evaluation(double meanLoss) {
    evaluationLoss = meanLoss;
    publish(true);
  }

  @Override
  public synchronized void stored(Checkpoint complete) {
    if (checkpointProblem != null) {
      observer.note("the checkpoint of step %d is stored".formatted(complete.step()));
    }
    checkpoint = complete;
    checkpointProblem = null;
    publish(true);
  }

  @Override
  public synchronized void failing(int atStep, String problem) {
    String told =
        "the checkpoint of step %d could not be stored, training goes on: %s"
            .formatted(atStep, problem);
    if (checkpointProblem == null) {
      observer.warn(told);
    }
    checkpointProblem = told;
    publish(true);
  }

  /** The newest checkpoint that is complete, in words. */
  synchronized String newestCheckpoint() {
    return checkpoint == null
        ? "no checkpoint had been stored"
        : "the newest checkpoint is of step %d, %s".formatted(checkpoint.step(), checkpoint.uri());
  }

  /** How long this attempt's steps have taken. */
  synchronized double secondsOfAttempt() {
    return secondsOfAttempt;
  }

  private void publish(boolean now) {
    Instant time = clock.instant();
    ProgressSnapshot snapshot =
        new ProgressSnapshot(
            request.run(),
            request.attempt(),
            phase,
            step,
            totalSteps,
            epoch,
            loss,
            evaluationLoss,
            learningRate,
            gradientNorm,
            tokensSeen,
            secondsOfAttempt > 0 ? tokensOfAttempt / secondsOfAttempt : null,
            remainingSeconds(),
            checkpoint,
            checkpointProblem,
            resumption,
            time);
    observer.progress(snapshot);
    if (request.progressFile() != null
        && (now || Duration.between(lastWritten, time).compareTo(WRITE_INTERVAL) >= 0)) {
      lastWritten = time;
      try {
        snapshot.write(request.progressFile());
        writeFails = false;
      } catch (IOException e) {
        // Training matters more than being watched; say it once.
        if (!writeFails) {
          observer.warn("the progress file cannot be written: " + e.getMessage());
        }
        writeFails = true;
      }
    }
  }

  private @Nullable Long remainingSeconds() {
    if (totalSteps == null || stepsOfAttempt == 0) {
      return null;
    }
    return Math.round(secondsOfAttempt / stepsOfAttempt * (totalSteps - step));
  }
}
