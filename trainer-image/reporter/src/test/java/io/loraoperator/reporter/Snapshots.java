package io.loraoperator.reporter;

import io.loraoperator.contract.ProgressSnapshot;
import io.loraoperator.contract.ProgressSnapshot.Checkpoint;
import io.loraoperator.contract.ProgressSnapshot.Phase;
import io.loraoperator.contract.ProgressSnapshot.Resumption;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Progress of run 2, attempt 1, for tests. */
final class Snapshots {
  static final Instant TIME = Instant.parse("2026-11-22T11:59:00Z");
  static final Checkpoint CHECKPOINT =
      new Checkpoint(100, "s3://a/checkpoints/step-000100/", "ab12", TIME);

  private Snapshots() {}

  static ProgressSnapshot training(int step) {
    return training(step, null);
  }

  static ProgressSnapshot training(int step, @Nullable Checkpoint checkpoint) {
    return of(2, Phase.Training, step, checkpoint);
  }

  static ProgressSnapshot of(int run, Phase phase, int step, @Nullable Checkpoint checkpoint) {
    return of(run, phase, step, checkpoint, null, null);
  }

  /** With a checkpoint at step 100 and what there is to tell. */
  static ProgressSnapshot troubled(
      int step, @Nullable String problem, @Nullable Resumption resumption) {
    return of(2, Phase.Training, step, CHECKPOINT, problem, resumption);
  }

  private static ProgressSnapshot of(
      int run,
      Phase phase,
      int step,
      @Nullable Checkpoint checkpoint,
      @Nullable String problem,
      @Nullable Resumption resumption) {
    return new ProgressSnapshot(
        run,
        1,
        phase,
        step,
        600,
        0.6,
        1.82309,
        1.9012,
        2e-4,
        0.41,
        412_331L,
        1830.2,
        1490L,
        checkpoint,
        problem,
        resumption,
        TIME);
  }
}
