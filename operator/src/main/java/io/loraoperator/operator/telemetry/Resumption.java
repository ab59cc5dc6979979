package io.loraoperator.operator.telemetry;

import io.fabric8.kubernetes.api.model.Condition;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.status.LoraFineTuneStatus;
import java.util.Optional;

/**
 * Where an attempt went on, as its reporter says in the condition {@code Resumed}.
 *
 * @param attempt run and attempt, as {@code 2-1}
 * @param reason of the condition
 * @param message of the condition
 */
public record Resumption(String attempt, String reason, String message) {

  private static final String CONDITION = "Resumed";
  private static final String AS_EXPECTED = "FromCheckpoint";

  /** Reads it from an object; empty if its attempt began the run, or has not said yet. */
  public static Optional<Resumption> of(LoraFineTune resource) {
    LoraFineTuneStatus status = resource.getStatus();
    if (status == null || status.progress() == null || status.conditions() == null) {
      return Optional.empty();
    }
    return status.conditions().stream()
        .filter(condition -> CONDITION.equals(condition.getType()))
        .findFirst()
        .map(condition -> of(status, condition));
  }

  private static Resumption of(LoraFineTuneStatus status, Condition condition) {
    return new Resumption(
        status.progress().run() + "-" + status.progress().attempt(),
        condition.getReason(),
        condition.getMessage());
  }

  /** Whether nothing was lost that had been stored. */
  boolean asExpected() {
    return AS_EXPECTED.equals(reason);
  }

  /** The reason of the event. */
  String eventReason() {
    return asExpected() ? "Resumed" : "CheckpointPassedOver";
  }
}
