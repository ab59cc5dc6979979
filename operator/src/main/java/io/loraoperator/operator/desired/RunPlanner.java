package io.loraoperator.operator.desired;

import io.loraoperator.api.spec.LoraFineTuneSpec;
import io.loraoperator.contract.Reason;
import io.loraoperator.operator.check.AttemptExaminer;
import io.loraoperator.operator.check.AttemptView;
import io.loraoperator.operator.check.Finding;
import io.loraoperator.operator.check.SpecVerdict;
import io.loraoperator.operator.desired.RunPlan.JobIntent;
import io.loraoperator.operator.observe.AttemptObservation;
import io.loraoperator.operator.observe.RunObservation;
import io.loraoperator.operator.observe.RunRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which run and which attempt there should be. A change of the run's fields begins a new
 * run; an interruption, a change of the attempt's fields, a failure worth repeating or a new {@code
 * spec.restart} begins another attempt of the same run; a recorded outcome needs no Job any more.
 */
public final class RunPlanner {

  private final AttemptExaminer examiner = new AttemptExaminer();
  private final RunHistory history = new RunHistory();
  private final Duration imagePullTimeout;
  private final int defaultThreads;

  /**
   * @param imagePullTimeout how long an image may fail to be pulled before the run has failed
   * @param defaultThreads the trainer computes with where {@code spec.resources.cpu} is unset
   */
  public RunPlanner(Duration imagePullTimeout, int defaultThreads) {
    this.imagePullTimeout = imagePullTimeout;
    this.defaultThreads = defaultThreads;
  }

  /** The plan for what was seen. */
  public RunPlan plan(RunObservation seen, SpecVerdict verdict, Instant now) {
    return switch (verdict) {
      case SpecVerdict.Rejected rejected -> rejected(seen, rejected, now);
      case SpecVerdict.Accepted accepted -> accepted(seen, accepted, now);
    };
  }

  /** Nothing is started by a specification that is refused, and nothing stopped by it. */
  private RunPlan rejected(RunObservation seen, SpecVerdict.Rejected verdict, Instant now) {
    RunRecord run = seen.run();
    if (run != null && !run.finished()) {
      AttemptObservation current = seen.attempt(run.key(seen.namespace(), seen.name()));
      if (current.job() != null) {
        return new Steps(seen, run.attemptHash(), run, now).leftAlone();
      }
    }
    return new RunPlan(
        run, new Finding.Failed(verdict.reason(), verdict.message()), JobIntent.KEEP, null, null);
  }

  private RunPlan accepted(RunObservation seen, SpecVerdict.Accepted spec, Instant now) {
    RunRecord run = seen.run();
    if (run == null) {
      return begin(seen, spec, 1, now);
    }
    if (!run.specHash().equals(spec.specHash())) {
      RunPlan fresh = begin(seen, spec, run.number() + 1, now);
      return new RunPlan(
          fresh.run(), fresh.finding(), fresh.job(), history.entry(seen, run, now), null);
    }
    Steps steps = new Steps(seen, spec.attemptHash(), run, now);
    return run.finished() ? steps.finished() : steps.active();
  }

  private RunPlan begin(RunObservation seen, SpecVerdict.Accepted spec, int number, Instant now) {
    LoraFineTuneSpec wanted = seen.resource().getSpec();
    RunRecord run =
        RunRecord.first(
            number,
            spec.specHash(),
            spec.attemptHash(),
            SpecValues.restart(wanted),
            SpecValues.threads(wanted, defaultThreads),
            now);
    boolean suspended = SpecValues.suspended(wanted);
    return new RunPlan(
        run,
        suspended
            ? new Finding.Waiting(Reason.Suspended, Reason.Suspended.remedy())
            : new Finding.Waiting(Reason.Pending, "Run %d is about to begin.".formatted(number)),
        suspended ? JobIntent.REMOVE : JobIntent.RUN,
        null,
        null);
  }

  private Finding examine(
      RunObservation seen, RunRecord run, AttemptObservation current, Instant now) {
    LoraFineTuneSpec wanted = seen.resource().getSpec();
    return examiner.examine(
        new AttemptView(
            current,
            run.jobName() != null,
            seen.quotas(),
            SpecValues.gpuResource(wanted),
            SpecValues.memory(wanted),
            imagePullTimeout,
            now));
  }

  /** One reconciliation of a run that exists. */
  private final class Steps {
    private final String attemptHash;
    private final LoraFineTuneSpec wanted;
    private final RunRecord run;
    private final Finding finding;
    private final boolean asked;
    private final boolean gone;
    private final boolean blocked;
    private final Instant now;
    private final Instant end;

    Steps(RunObservation seen, String attemptHash, RunRecord recorded, Instant now) {
      AttemptObservation current = seen.attempt(recorded.key(seen.namespace(), seen.name()));
      this.attemptHash = attemptHash;
      this.wanted = seen.resource().getSpec();
      this.asked = !recorded.restart().equals(SpecValues.restart(wanted));
      this.run = recorded.seen(current);
      this.finding = examine(seen, recorded, current, now);
      this.gone = !current.present();
      this.blocked = !seen.others(current.key()).isEmpty();
      this.now = now;
      this.end = current.trainerEnd().orElse(now);
    }

    /** An outcome is recorded: only the user begins another attempt, and only after a failure. */
    RunPlan finished() {
      if (run.failed() && (asked || !run.attemptHash().equals(attemptHash))) {
        return another(
            run.restarted(attemptHash, SpecValues.restart(wanted)), "the user asks for it");
      }
      Duration left = SpecValues.timeToLive(wanted, run.completionTime(), now);
      boolean expired = left != null && !left.isPositive();
      return new RunPlan(
          run, null, expired ? JobIntent.REMOVE : JobIntent.KEEP, null, expired ? null : left);
    }

    /** The trainer's own end, if it came to one: it counts whatever has been edited meanwhile. */
    private Optional<RunPlan> over() {
      return switch (finding) {
        case Finding.Succeeded succeeded ->
            Optional.of(end(succeeded, succeeded.reason(), JobIntent.KEEP));
        // A Pod that pulls in vain is still there; after all other failures nothing runs.
        case Finding.Failed failed ->
            Optional.of(
                end(
                    failed,
                    failed.reason(),
                    failed.reason() == Reason.ImagePullFailed ? JobIntent.REMOVE : JobIntent.KEEP));
        default -> Optional.empty();
      };
    }

    /** The Job goes its way, and nothing follows it. */
    RunPlan leftAlone() {
      return over().orElseGet(() -> new RunPlan(run, finding, JobIntent.KEEP, null, null));
    }

    RunPlan active() {
      return over().orElseGet(this::unfinished);
    }

    private RunPlan unfinished() {
      Duration left = SpecValues.timeLeft(wanted, run.activeSeconds(end));
      if (left != null && !left.isPositive()) {
        return end(
            new Finding.Failed(
                Reason.DeadlineExceeded,
                "The trainer has run for %d s, spec.activeDeadlineSeconds is %d. %s"
                    .formatted(
                        run.activeSeconds(end),
                        wanted.activeDeadlineSeconds(),
                        Reason.DeadlineExceeded.remedy())),
            Reason.DeadlineExceeded,
            JobIntent.REMOVE);
      }
      if (SpecValues.suspended(wanted)) {
        return new RunPlan(
            gone ? attemptEnded() : answered(),
            new Finding.Waiting(Reason.Suspended, Reason.Suspended.remedy()),
            JobIntent.REMOVE,
            null,
            null);
      }
      if (!run.attemptHash().equals(attemptHash)) {
        return resume("resources, scheduling or access have changed");
      }
      return switch (finding) {
        case Finding.Interrupted interrupted -> resume(interrupted.message());
        case Finding.Retryable failure -> retry(failure);
        case Finding.Waiting waiting when blocked ->
            carryOn(
                new Finding.Waiting(
                    waiting.reason(), "An earlier Pod is still writing its checkpoint."),
                null);
        case Finding.Waiting waiting -> carryOn(waiting, waiting.recheckAfter());
        default -> carryOn(finding, finding instanceof Finding.Training ? left : null);
      };
    }

    private RunPlan carryOn(Finding what, @Nullable Duration recheck) {
      return new RunPlan(answered(), resuming(what), JobIntent.RUN, null, recheck);
    }

    /** A new value of {@code spec.restart} asks for nothing while the run goes on anyway. */
    private RunRecord answered() {
      return run.answered(SpecValues.restart(wanted));
    }

    private RunRecord attemptEnded() {
      return answered().attemptEnded(end, SpecValues.gpus(wanted));
    }

    /** A later attempt does not start: it goes on. */
    private Finding resuming(Finding what) {
      return run.attempt() > 1
              && what instanceof Finding.Waiting(Reason reason, String message, var recheck)
              && (reason == Reason.Pending || reason == Reason.Starting)
          ? new Finding.Waiting(
              Reason.Resuming, "Attempt %d: %s".formatted(run.attempt(), message), recheck)
          : what;
    }

    private RunPlan end(Finding outcome, Reason reason, JobIntent job) {
      return new RunPlan(
          attemptEnded().ended(reason, now),
          outcome,
          job,
          null,
          SpecValues.timeToLive(wanted, now, now));
    }

    private RunPlan retry(Finding.Retryable failure) {
      int limit = SpecValues.backoffLimit(wanted);
      if (run.totals().failures() >= limit) {
        Reason reason = limit == 0 ? failure.reason() : Reason.BackoffLimitExceeded;
        String message =
            limit == 0
                ? failure.message()
                : "%d of %d retries failed, the last with %s: %s"
                    .formatted(limit, limit, failure.reason(), failure.message());
        return end(new Finding.Failed(reason, message), reason, JobIntent.KEEP);
      }
      if (asked) {
        return another(
            attemptEnded().restarted(attemptHash, SpecValues.restart(wanted)),
            "the user asks for it");
      }
      Duration delay = Backoff.delay(run.totals().failures());
      Duration wait = Duration.between(now, failure.time().plus(delay));
      if (wait.compareTo(delay) > 0) {
        // The node's clock is ahead of ours.
        wait = delay;
      }
      if (wait.isPositive()) {
        String message =
            "Retry %d of %d follows %s: %s"
                .formatted(run.totals().failures() + 1, limit, failure.reason(), failure.message());
        return new RunPlan(
            run, new Finding.Waiting(Reason.Resuming, message), JobIntent.KEEP, null, wait);
      }
      return another(
          attemptEnded().retried(attemptHash, SpecValues.restart(wanted)), failure.message());
    }

    private RunPlan resume(String why) {
      return another(attemptEnded().resumed(attemptHash, SpecValues.restart(wanted)), why);
    }

    private RunPlan another(RunRecord next, String why) {
      return new RunPlan(
          next,
          new Finding.Waiting(
              Reason.Resuming,
              "Attempt %d goes on from the newest checkpoint: %s".formatted(next.attempt(), why)),
          JobIntent.RUN,
          null,
          null);
    }
  }
}
