package io.loraoperator.operator.check;

import io.loraoperator.contract.ExitCode;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.operator.observe.ContainerState.Terminated;
import io.loraoperator.operator.observe.JobObservation;
import io.loraoperator.operator.observe.PodObservation;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** How an attempt ended. */
final class EndChecks {

  /** Failures that lie in the surroundings: the same attempt may succeed another time. */
  private static final Set<Reason> RETRYABLE =
      Set.of(Reason.StorageUnavailable, Reason.InternalError);

  /** What the kernel's killer leaves, as the kubelet reports it. */
  private static final String OOM_KILLED = "OOMKilled";

  /** An exit code of a process that a signal ended is the signal plus this. */
  private static final int SIGNAL_BASE = 128;

  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;

  private EndChecks() {}

  /** The trainer's own words, left as its termination message. */
  static Optional<Finding> resultDocument(AttemptView attempt) {
    return attempt
        .trainerEnd()
        .flatMap(end ->
            parse(end.message())
                .flatMap(document ->
                    Optional.ofNullable(document.reason())
                        .map(reason -> documented(reason, document, end))));
  }

  private static Optional<ResultDocument> parse(String terminationMessage) {
    if (terminationMessage.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ResultDocument.parse(terminationMessage));
    } catch (IOException e) {
      // Not a document, such as the last words of a crashed process: the exit code speaks then.
      return Optional.empty();
    }
  }

  private static Finding documented(Reason reason, ResultDocument document, Terminated end) {
    String remedy = document.remedy() == null ? reason.remedy() : document.remedy();
    String advised = Sentences.join(document.message(), remedy);
    return switch (reason.outcome()) {
      case TRUE -> new Finding.Succeeded(reason, Sentences.of(document.message()), document);
      case FALSE ->
          RETRYABLE.contains(reason)
              ? new Finding.Retryable(reason, advised, end.finishedAt())
              : new Finding.Failed(reason, advised, document);
      case UNKNOWN ->
          new Finding.Retryable(
              Reason.InternalError,
              "The trainer ended with the reason %s, which is no outcome.".formatted(reason),
              end.finishedAt());
    };
  }

  /** Killed at its memory limit: more of the same would end the same way. */
  static Optional<Finding> outOfMemory(AttemptView attempt) {
    return attempt
        .trainerEnd()
        .filter(end -> end.reason().equals(OOM_KILLED))
        .map(end ->
            new Finding.Failed(
                Reason.OutOfMemory,
                Sentences.join(
                    attempt.memory().isEmpty()
                        ? "The trainer was killed because its node ran out of memory"
                        : "The trainer was killed at its memory limit of " + attempt.memory(),
                    Reason.OutOfMemory.remedy())));
  }

  /** Told to stop, or taken away by whoever owns the node. */
  static Optional<Finding> interruption(AttemptView attempt) {
    Optional<PodObservation> ended = attempt.pod().filter(PodObservation::terminal);
    Optional<String> disruption = ended.flatMap(pod -> Optional.ofNullable(pod.disruption()));
    if (disruption.isPresent() && !succeeded(attempt)) {
      return Optional.of(new Finding.Interrupted("The Pod was taken away: " + disruption.get()));
    }
    return attempt
        .trainerEnd()
        .filter(end ->
            end.exitCode() == ExitCode.INTERRUPTED.code()
                || (isStopped(end) && ended.map(PodObservation::deleting).orElse(false)))
        .map(end ->
            new Finding.Interrupted(
                end.exitCode() == ExitCode.INTERRUPTED.code()
                    ? "The trainer was told to stop and wrote a checkpoint."
                    : "The Pod was deleted."));
  }

  private static boolean succeeded(AttemptView attempt) {
    return attempt.trainerEnd().filter(end -> end.exitCode() == 0).isPresent();
  }

  private static boolean isStopped(Terminated end) {
    int signal = end.exitCode() - SIGNAL_BASE;
    return signal == SIGKILL || signal == SIGTERM;
  }

  /** What the exit code alone says, where there are no words. */
  static Optional<Finding> exitCode(AttemptView attempt) {
    return attempt
        .trainerEnd()
        .map(end -> {
          Optional<Reason> reason = ExitCode.ofCode(end.exitCode()).flatMap(ExitCode::reason);
          if (reason.filter(Reason.Completed::equals).isPresent()) {
            return new Finding.Succeeded(
                Reason.Completed, "The trainer ended well, but left no result document.", null);
          }
          Reason failure = reason.orElse(Reason.InternalError);
          String message =
              Sentences.join(
                  "The trainer %s and left no result document".formatted(describe(end)),
                  failure.remedy());
          return RETRYABLE.contains(failure)
              ? new Finding.Retryable(failure, message, end.finishedAt())
              : new Finding.Failed(failure, message);
        });
  }

  private static String describe(Terminated end) {
    int signal = end.exitCode() - SIGNAL_BASE;
    return signal > 0 ? "was killed by signal " + signal : "ended with exit code " + end.exitCode();
  }

  /** The Pod failed as a whole: evicted for its own use of the disk, refused by the node. */
  static Optional<Finding> failedPod(AttemptView attempt) {
    return attempt
        .pod()
        .filter(pod -> pod.phase().equals("Failed"))
        .map(pod ->
            pod.deleting()
                ? new Finding.Interrupted("The Pod was deleted.")
                : new Finding.Retryable(
                    Reason.InternalError,
                    Sentences.join(
                        "The Pod failed: " + Sentences.words(pod.reason(), pod.message()),
                        Reason.BackoffLimitExceeded.remedy()),
                    // Nothing tells when; a time that stays the same lets the delay end.
                    pod.started() == null ? pod.created() : pod.started()));
  }

  /** The Job is over and its Pod is gone, and with it what the trainer said. */
  static Optional<Finding> finishedJob(AttemptView attempt) {
    JobObservation job = attempt.seen().job();
    if (job == null || !job.finished() || attempt.pod().isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        job.complete()
            ? new Finding.Succeeded(
                Reason.Completed, "The Job is complete, but its Pod and result are gone.", null)
            : new Finding.Interrupted(
                "The Pod is gone: " + Sentences.words("", String.valueOf(job.failure()))));
  }

  /** The Job is gone, or on its way out, though nobody recorded an outcome. */
  static Optional<Finding> lostJob(AttemptView attempt) {
    JobObservation job = attempt.seen().job();
    boolean lost = job == null ? attempt.jobSeen() : job.deleting();
    return lost ? Optional.of(new Finding.Interrupted("The Job was deleted.")) : Optional.empty();
  }
}
