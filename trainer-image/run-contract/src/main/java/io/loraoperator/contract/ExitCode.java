package io.loraoperator.contract;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The trainer's exit codes; the Job's podFailurePolicy and the operator read them. */
public enum ExitCode {
  /** {@link Reason#Completed} or {@link Reason#StoppedEarly}. */
  SUCCESS(0, Reason.Completed),
  INTERNAL_ERROR(1, Reason.InternalError),
  /** The command line was wrong. */
  USAGE(2, null),
  INVALID_SPEC(10, Reason.InvalidSpec),
  BASE_MODEL_NOT_FOUND(11, Reason.BaseModelNotFound),
  UNSUPPORTED_MODEL(12, Reason.UnsupportedModel),
  DATASET_NOT_FOUND(13, Reason.DatasetNotFound),
  DATASET_INVALID(14, Reason.DatasetInvalid),
  NO_TRAINABLE_TOKENS(15, Reason.NoTrainableTokens),
  STORAGE_ACCESS_DENIED(16, Reason.StorageAccessDenied),
  STORAGE_UNAVAILABLE(17, Reason.StorageUnavailable),
  INSUFFICIENT_MEMORY(18, Reason.InsufficientMemory),
  OUT_OF_MEMORY(19, Reason.OutOfMemory),
  LOSS_DIVERGED(20, Reason.LossDiverged),
  /** Told to stop; a checkpoint is written, and the run goes on in another attempt. */
  INTERRUPTED(30, null);

  private final int code;
  private final @Nullable Reason reason;

  ExitCode(int code, @Nullable Reason reason) {
    this.code = code;
    this.reason = reason;
  }

  /** What the process exits with. */
  public int code() {
    return code;
  }

  /** What the code says of the run; empty if it says nothing. */
  public Optional<Reason> reason() {
    return Optional.ofNullable(reason);
  }

  /** The constant of a process' exit code; empty for those of signals and others'. */
  public static Optional<ExitCode> ofCode(int code) {
    return Arrays.stream(values()).filter(value -> value.code == code).findFirst();
  }

  /** The exit code of a reason that the trainer can end with. */
  public static ExitCode of(Reason reason) {
    if (reason == Reason.StoppedEarly) {
      return SUCCESS;
    }
    return Arrays.stream(values())
        .filter(value -> value.reason == reason)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no trainer ends with " + reason));
  }
}
