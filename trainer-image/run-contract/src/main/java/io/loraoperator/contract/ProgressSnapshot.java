package io.loraoperator.contract;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a run stands: what the trainer writes to {@link PodPaths#PROGRESS_FILE} and the reporter
 * puts into {@code status}.
 *
 * @param run number of the run
 * @param attempt number of the attempt
 * @param step optimizer steps done
 * @param totalSteps null until the data have been read
 * @param epoch passes over the data done, with a fraction
 * @param loss mean over the trained tokens since the last logged step
 * @param evaluationLoss the newest one
 * @param gradientNorm of the last step, before clipping
 * @param tokensSeen all tokens of all rows so far, the prompts' included
 * @param tokensPerSecond of this attempt
 * @param checkpoint the newest one that is complete
 * @param checkpointProblem why a newer one could not be stored yet, while that is so; else null
 * @param resumption where this attempt went on; null if it began at the beginning and found nothing
 * @param time of this snapshot
 */
public record ProgressSnapshot(
    int run,
    int attempt,
    Phase phase,
    int step,
    @Nullable Integer totalSteps,
    @Nullable Double epoch,
    @Nullable Double loss,
    @Nullable Double evaluationLoss,
    @Nullable Double learningRate,
    @Nullable Double gradientNorm,
    @Nullable Long tokensSeen,
    @Nullable Double tokensPerSecond,
    @Nullable Long remainingSeconds,
    @Nullable Checkpoint checkpoint,
    @Nullable String checkpointProblem,
    @Nullable Resumption resumption,
    Instant time) {

  /** What the trainer is doing. */
  public enum Phase {
    Loading,
    Training,
    Evaluating,
    Sampling,
    Uploading,
    Finished
  }

  /**
   * A complete checkpoint.
   *
   * @param uri the checkpoint's folder
   * @param sha256 of its manifest
   */
  public record Checkpoint(int step, String uri, String sha256, Instant time) {}

  /**
   * Where an attempt went on.
   *
   * @param step 0 if no checkpoint could be used
   * @param uri of the checkpoint; null if none could be used
   * @param passedOver newer checkpoints that are torn or altered, each with what is wrong with it
   */
  public record Resumption(int step, @Nullable String uri, List<String> passedOver) {
    public Resumption {
      passedOver = List.copyOf(passedOver);
    }
  }

  /**
   * Reads a snapshot.
   *
   * @throws IOException if there is none, or something else
   */
  public static ProgressSnapshot read(Path file) throws IOException {
    return ContractJson.read(file, ProgressSnapshot.class);
  }

  /**
   * Writes the snapshot so that a reader never sees a part of it.
   *
   * @throws IOException if the folder cannot be written to
   */
  public void write(Path file) throws IOException {
    ContractJson.writeAtomically(file, ContractJson.write(this));
  }
}
