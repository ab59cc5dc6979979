package io.loraoperator.reporter;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * A condition by the Kubernetes API conventions.
 *
 * @param lastTransitionTime when {@code status} last changed, to the second
 */
record Condition(
    ConditionType type, Status status, String reason, String message, Instant lastTransitionTime) {

  enum Status {
    True,
    False,
    Unknown
  }

  /** The successor of {@code previous}: an unchanged status keeps its transition time. */
  static Condition next(
      @Nullable Condition previous,
      ConditionType type,
      Status status,
      String reason,
      String message,
      Instant now) {
    Instant since =
        previous != null && previous.status() == status
            ? previous.lastTransitionTime()
            : now.truncatedTo(ChronoUnit.SECONDS);
    return new Condition(type, status, reason, message, since);
  }
}
