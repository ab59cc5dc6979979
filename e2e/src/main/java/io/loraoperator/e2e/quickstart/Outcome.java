package io.loraoperator.e2e.quickstart;

import io.fabric8.kubernetes.api.model.Condition;
import io.loraoperator.api.LoraFineTune;
import java.util.Objects;

/**
 * A run's summary condition.
 *
 * @param status {@code True}, {@code False} or {@code Unknown}
 */
record Outcome(String status, String reason, String message) {
  static Outcome of(LoraFineTune run) {
    if (run.getStatus() == null || run.getStatus().conditions() == null) {
      return new Outcome("Unknown", "Pending", "");
    }
    return run.getStatus().conditions().stream()
        .filter(condition -> "Succeeded".equals(condition.getType()))
        .findFirst()
        .map(Outcome::of)
        .orElse(new Outcome("Unknown", "Pending", ""));
  }

  private static Outcome of(Condition condition) {
    return new Outcome(
        condition.getStatus(),
        condition.getReason(),
        Objects.requireNonNullElse(condition.getMessage(), ""));
  }

  boolean succeeded() {
    return status.equals("True");
  }
}
