package io.loraoperator.operator.observe;

import io.loraoperator.contract.Reason;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The allocated state of the current run, kept in {@code status.run}.
 *
 * @param number of the run, from 1
 * @param attempt within the run, from 1
 * @param specHash of the run document
 * @param attemptHash of what the current attempt was started with
 * @param restart the value of {@code spec.restart} that has been answered
 * @param threads the trainer computes with, in every attempt
 * @param jobName the attempt's Job once it has been seen
 * @param trainerStartTime when the attempt's trainer began
 * @param totals over earlier attempts
 * @param completionTime when the outcome was recorded
 * @param result the outcome; null while the run goes on
 */
public record RunRecord(
    int number,
    int attempt,
    String specHash,
    String attemptHash,
    String restart,
    int threads,
    Instant startTime,
    @Nullable String jobName,
    @Nullable Instant trainerStartTime,
    Totals totals,
    @Nullable Instant completionTime,
    @Nullable Reason result) {

  /**
   * What has added up over the attempts of a run that are over.
   *
   * @param activeSeconds the trainer has run
   * @param gpuSeconds that times the GPUs
   * @param failures that were answered with another attempt
   * @param restarts attempts started by {@code spec.restart} or after a failure
   * @param resumes attempts started after an interruption
   */
  public record Totals(
      long activeSeconds, long gpuSeconds, int failures, int restarts, int resumes) {
    /** Before anything has run. */
    public static final Totals NONE = new Totals(0, 0, 0, 0, 0);

    private Totals plus(long seconds, int gpus) {
      return new Totals(
          activeSeconds + seconds, gpuSeconds + seconds * gpus, failures, restarts, resumes);
    }
  }

  /** A new run's first attempt. */
  public static RunRecord first(
      int number, String specHash, String attemptHash, String restart, int threads, Instant now) {
    return new RunRecord(
        number,
        1,
        specHash,
        attemptHash,
        restart,
        threads,
        now,
        null,
        null,
        Totals.NONE,
        null,
        null);
  }

  /** Whether the outcome is recorded. */
  public boolean finished() {
    return result != null;
  }

  /** Whether the outcome is a failure. */
  public boolean failed() {
    return result != null && result.outcome() == Reason.Outcome.FALSE;
  }

  /** The key of the current attempt. */
  public AttemptKey key(String namespace, String name) {
    return new AttemptKey(namespace, name, number, attempt);
  }

  /** Notes what has been seen of the current attempt: its Job, and when its trainer began. */
  public RunRecord seen(AttemptObservation current) {
    if (finished()) {
      // Its time is in the totals; what is left of its Pod must not be counted again.
      return this;
    }
    String job = current.job() == null ? jobName : current.job().name();
    Instant began =
        trainerStartTime != null
            ? trainerStartTime
            : current.pod().map(PodObservation::trainer).map(RunRecord::start).orElse(null);
    return new RunRecord(
        number,
        attempt,
        specHash,
        attemptHash,
        restart,
        threads,
        startTime,
        job,
        began,
        totals,
        completionTime,
        result);
  }

  private static @Nullable Instant start(ContainerState state) {
    return switch (state) {
      case ContainerState.Running running -> running.since();
      case ContainerState.Terminated ended -> ended.startedAt();
      case ContainerState.Waiting waiting -> null;
    };
  }

  /** How long the trainer has run until then, in all attempts. */
  public long activeSeconds(Instant until) {
    return totals.activeSeconds() + attemptSeconds(until);
  }

  private long attemptSeconds(Instant until) {
    return trainerStartTime == null
        ? 0
        : Math.max(0, Duration.between(trainerStartTime, until).toSeconds());
  }

  /** The attempt is over: its time is added up. */
  public RunRecord attemptEnded(Instant end, int gpus) {
    return new RunRecord(
        number,
        attempt,
        specHash,
        attemptHash,
        restart,
        threads,
        startTime,
        jobName,
        null,
        totals.plus(attemptSeconds(end), gpus),
        completionTime,
        result);
  }

  /** A value of {@code spec.restart} has been answered. */
  public RunRecord answered(String newRestart) {
    return new RunRecord(
        number,
        attempt,
        specHash,
        attemptHash,
        newRestart,
        threads,
        startTime,
        jobName,
        trainerStartTime,
        totals,
        completionTime,
        result);
  }

  /** The run is over. */
  public RunRecord ended(Reason reason, Instant end) {
    return new RunRecord(
        number,
        attempt,
        specHash,
        attemptHash,
        restart,
        threads,
        startTime,
        jobName,
        trainerStartTime,
        totals,
        end,
        reason);
  }

  /** The next attempt, after an interruption or a change of the attempt's fields. */
  public RunRecord resumed(String newAttemptHash, String newRestart) {
    return next(
        newAttemptHash,
        newRestart,
        new Totals(
            totals.activeSeconds(),
            totals.gpuSeconds(),
            totals.failures(),
            totals.restarts(),
            totals.resumes() + 1));
  }

  /** The next attempt, after a failure that is worth repeating. */
  public RunRecord retried(String newAttemptHash, String newRestart) {
    return next(
        newAttemptHash,
        newRestart,
        new Totals(
            totals.activeSeconds(),
            totals.gpuSeconds(),
            totals.failures() + 1,
            totals.restarts() + 1,
            totals.resumes()));
  }

  /** The next attempt because the user asks for it; failures count from 0 again. */
  public RunRecord restarted(String newAttemptHash, String newRestart) {
    return next(
        newAttemptHash,
        newRestart,
        new Totals(
            totals.activeSeconds(),
            totals.gpuSeconds(),
            0,
            totals.restarts() + 1,
            totals.resumes()));
  }

  private RunRecord next(String newAttemptHash, String newRestart, Totals newTotals) {
    return new RunRecord(
        number,
        attempt + 1,
        specHash,
        newAttemptHash,
        newRestart,
        threads,
        startTime,
        null,
        null,
        newTotals,
        null,
        null);
  }
}
