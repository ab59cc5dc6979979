package io.loraoperator.operator.desired;

import io.loraoperator.api.status.HistoryEntry;
import io.loraoperator.api.status.LoraFineTuneStatus;
import io.loraoperator.operator.observe.RunObservation;
import io.loraoperator.operator.observe.RunRecord;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is kept of a run when another one takes its place. */
final class RunHistory {

  /** How a run ended that was still going on. */
  static final String SUPERSEDED = "Superseded";

  HistoryEntry entry(RunObservation seen, RunRecord run, Instant now) {
    LoraFineTuneStatus status =
        Objects.requireNonNull(seen.status(), "a run is kept in the status");
    Instant ended = run.completionTime() == null ? now : run.completionTime();
    return new HistoryEntry(
        run.number(),
        run.specHash(),
        run.result() == null ? SUPERSEDED : run.result().name(),
        finalLoss(status, run.number()),
        status.output() == null ? null : status.output().adapterUri(),
        ended.toString());
  }

  private static @Nullable String finalLoss(LoraFineTuneStatus status, int run) {
    return status.progress() != null && Objects.equals(status.progress().run(), run)
        ? status.progress().loss()
        : null;
  }
}
