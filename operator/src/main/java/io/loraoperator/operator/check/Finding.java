package io.loraoperator.operator.check;

import io.loraoperator.contract.Reason;
import io.loraoperator.contract.ResultDocument;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an attempt has come to. */
public sealed interface Finding {

  /** What happened, for a person. */
  String message();

  /**
   * Not at work yet, or no longer for now.
   *
   * @param reason one whose {@code Succeeded} is Unknown
   * @param recheckAfter when to look again although nothing is reported; null if events tell
   */
  record Waiting(Reason reason, String message, @Nullable Duration recheckAfter)
      implements Finding {
    public Waiting(Reason reason, String message) {
      this(reason, message, null);
    }
  }

  /** The trainer is at work. */
  record Training(Instant since, String message) implements Finding {}

  /** The run is over, well. */
  record Succeeded(Reason reason, String message, @Nullable ResultDocument result)
      implements Finding {}

  /**
   * The run is over: the same again would end the same way.
   *
   * @param reason one whose {@code Succeeded} is False
   */
  record Failed(Reason reason, String message, @Nullable ResultDocument result) implements Finding {
    public Failed(Reason reason, String message) {
      this(reason, message, null);
    }
  }

  /**
   * The attempt is over: another one may succeed.
   *
   * @param reason one whose {@code Succeeded} is False, for when no attempt is left
   * @param time when it failed
   */
  record Retryable(Reason reason, String message, Instant time) implements Finding {}

  /** The attempt was taken away: the run goes on from its newest checkpoint. */
  record Interrupted(String message) implements Finding {}

  /** The trainer's words on how it ended, if it left any. */
  default Optional<ResultDocument> document() {
    return switch (this) {
      case Succeeded succeeded -> Optional.ofNullable(succeeded.result());
      case Failed failed -> Optional.ofNullable(failed.result());
      default -> Optional.empty();
    };
  }
}
