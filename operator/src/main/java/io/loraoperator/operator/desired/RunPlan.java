package io.loraoperator.operator.desired;

import io.loraoperator.api.status.HistoryEntry;
import io.loraoperator.contract.Reason;
import io.loraoperator.operator.check.Finding;
import io.loraoperator.operator.observe.RunRecord;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a reconciliation is to bring about.
 *
 * @param run the run as it is to be recorded; null if none was ever begun
 * @param finding what is to be said of it; null if what was said last still holds
 * @param job what is to become of the current attempt's Job
 * @param superseded the run that this one takes the place of, for the history; null if none does
 * @param recheckAfter when to look again although nothing is reported; null if events tell
 */
public record RunPlan(
    @Nullable RunRecord run,
    @Nullable Finding finding,
    JobIntent job,
    @Nullable HistoryEntry superseded,
    @Nullable Duration recheckAfter) {

  /** An API server without image volumes drops their field, and then finds none in the volume. */
  private static final String NO_VOLUME_TYPE = "must specify a volume type";

  /** The same plan, which the API server did not let happen yet. */
  public RunPlan refused(@Nullable String words) {
    boolean image = words != null && words.contains(NO_VOLUME_TYPE);
    return new RunPlan(
        run,
        new Finding.Waiting(
            Reason.Pending,
            "Kubernetes refuses what the run needs: "
                + (image
                    ? "this cluster has no image volumes (it needs Kubernetes 1.35, or the feature"
                        + " gate ImageVolume). Use another spec.baseModel.source than image."
                    : words)),
        job,
        superseded,
        recheckAfter);
  }

  /** What is to become of a Job. */
  public enum JobIntent {
    /** It is to exist. */
    RUN,
    /** If it exists, it stays, for its Pod's log. */
    KEEP,
    /** It is not to exist. */
    REMOVE
  }
}
