package io.loraoperator.operator.telemetry;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.status.LoraFineTuneStatus;
import io.loraoperator.operator.status.ConditionType;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Tells people and monitors of every change of the summary: an event, a log line, a count. */
public final class RunTelemetry {

  /** Counts the runs that ended, by the reason of their {@code Succeeded} condition. */
  static final String FINISHED = "lora_operator_runs_finished";

  private static final Logger LOG = Logger.getLogger(RunTelemetry.class);

  /** What an event's note may hold. */
  private static final int NOTE_LENGTH = 1024;

  private static final String COMPONENT = "lora-operator";

  private final KubernetesClient client;
  private final MeterRegistry meters;
  private final Clock clock;

  /**
   * @param client that events are created with
   * @param meters that runs are counted in
   * @param clock for the events
   */
  public RunTelemetry(KubernetesClient client, MeterRegistry meters, Clock clock) {
    this.client = client;
    this.meters = meters;
    this.clock = clock;
  }

  /** Compares the summary before and after, and tells if it has changed. */
  public void transition(LoraFineTune resource, LoraFineTuneStatus after) {
    Condition now = summary(after).orElseThrow();
    Optional<Condition> before = summary(resource.getStatus());
    boolean sameReason =
        before.filter(earlier -> earlier.getReason().equals(now.getReason())).isPresent();
    if (sameReason && attempt(resource.getStatus()).equals(attempt(after))) {
      return;
    }
    LOG.infof(
        "%s %s/%s: %s",
        now.getReason(),
        resource.getMetadata().getNamespace(),
        resource.getMetadata().getName(),
        now.getMessage());
    if (!now.getStatus().equals("Unknown")) {
      meters.counter(FINISHED, "reason", now.getReason()).increment();
    }
    publish(resource, now);
  }

  /** Run and attempt, as {@code 2-1}; empty before the first. */
  private static String attempt(@Nullable LoraFineTuneStatus status) {
    return status == null || status.run() == null
        ? ""
        : status.run().number() + "-" + status.run().attempt();
  }

  private static Optional<Condition> summary(@Nullable LoraFineTuneStatus status) {
    return status == null || status.conditions() == null
        ? Optional.empty()
        : status.conditions().stream()
            .filter(condition -> ConditionType.Succeeded.name().equals(condition.getType()))
            .findFirst();
  }

  /** An event is a courtesy: that one cannot be written must not keep a run from its work. */
  private void publish(LoraFineTune resource, Condition summary) {
    String time = clock.instant().toString();
    String message = summary.getMessage();
    try {
      client
          .resource(
              new EventBuilder()
                  .withNewMetadata()
                  .withGenerateName(resource.getMetadata().getName() + ".")
                  .withNamespace(resource.getMetadata().getNamespace())
                  .endMetadata()
                  .withNewInvolvedObject()
                  .withApiVersion(resource.getApiVersion())
                  .withKind(resource.getKind())
                  .withNamespace(resource.getMetadata().getNamespace())
                  .withName(resource.getMetadata().getName())
                  .withUid(resource.getMetadata().getUid())
                  .endInvolvedObject()
                  .withType(summary.getStatus().equals("False") ? "Warning" : "Normal")
                  .withReason(summary.getReason())
                  .withMessage(
                      message.length() > NOTE_LENGTH ? message.substring(0, NOTE_LENGTH) : message)
                  .withFirstTimestamp(time)
                  .withLastTimestamp(time)
                  .withCount(1)
                  .withNewSource(COMPONENT, null)
                  .build())
          .create();
    } catch (KubernetesClientException e) {
      LOG.warnf(
          "cannot write the event %s of %s/%s: %s",
          summary.getReason(),
          resource.getMetadata().getNamespace(),
          resource.getMetadata().getName(),
          e.getMessage());
    }
  }
}
