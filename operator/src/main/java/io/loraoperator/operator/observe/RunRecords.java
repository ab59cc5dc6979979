package io.loraoperator.operator.observe;

import io.loraoperator.api.status.LoraFineTuneStatus;
import io.loraoperator.api.status.RunStatus;
import io.loraoperator.contract.Reason;
import io.loraoperator.operator.observe.RunRecord.Totals;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The run's state, to and from {@code status.run}. */
public final class RunRecords {

  private RunRecords() {}

  /** The state that is recorded; null if no run was ever begun. */
  public static @Nullable RunRecord read(@Nullable LoraFineTuneStatus status) {
    if (status == null || status.run() == null || status.run().number() == null) {
      return null;
    }
    RunStatus run = status.run();
    return new RunRecord(
        run.number(),
        run.attempt(),
        run.specHash(),
        Objects.requireNonNullElse(run.attemptHash(), ""),
        Objects.requireNonNullElse(run.restart(), ""),
        Objects.requireNonNullElse(run.threads(), 1),
        Instant.parse(run.startTime()),
        run.jobName(),
        time(run.trainerStartTime()),
        new Totals(
            Objects.requireNonNullElse(run.activeSeconds(), 0L),
            Objects.requireNonNullElse(status.gpuSeconds(), 0L),
            number(run.failures()),
            number(run.restarts()),
            number(run.resumes())),
        time(run.completionTime()),
        run.result() == null ? null : Reason.valueOf(run.result()));
  }

  /** The state as it is recorded. */
  public static RunStatus write(RunRecord run) {
    return new RunStatus(
        run.number(),
        run.attempt(),
        run.specHash(),
        run.startTime().toString(),
        text(run.completionTime()),
        run.jobName(),
        run.totals().restarts(),
        run.totals().resumes(),
        run.result() == null ? null : run.result().name(),
        run.attemptHash(),
        run.restart(),
        run.threads(),
        run.totals().failures(),
        run.totals().activeSeconds(),
        text(run.trainerStartTime()));
  }

  private static int number(@Nullable Integer value) {
    return value == null ? 0 : value;
  }

  private static @Nullable Instant time(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }
}
