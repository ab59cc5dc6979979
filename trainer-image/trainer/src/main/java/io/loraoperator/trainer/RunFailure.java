package io.loraoperator.trainer;

import io.loraoperator.contract.Reason;
import org.jspecify.annotations.Nullable;

/** The end of a run that did not succeed: why, what happened, and what a user can do. */
public final class RunFailure extends RuntimeException {

  private final Reason reason;
  private final String remedy;

  /** A failure with the reason's usual remedy. */
  public RunFailure(Reason reason, String message) {
    this(reason, message, reason.remedy(), null);
  }

  /** A failure with a remedy of its own. */
  public RunFailure(Reason reason, String message, String remedy) {
    this(reason, message, remedy, null);
  }

  /**
   * A failure that comes from another.
   *
   * @param message names the field or the file
   * @param cause shown with {@code --debug} only
   */
  public RunFailure(Reason reason, String message, String remedy, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.remedy = remedy;
  }

  /** Why the run failed. */
  public Reason reason() {
    return reason;
  }

  /** What a user can do. */
  public String remedy() {
    return remedy;
  }
}
