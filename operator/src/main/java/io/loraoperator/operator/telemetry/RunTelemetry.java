package io.loraoperator.operator.telemetry;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.status.LoraFineTuneStatus;
import io.loraoperator.operator.status.ConditionType;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
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

  private static final String NORMAL = "Normal";
  private static final String WARNING = "Warning";

  /** Attempts whose resumption is remembered as told; for older ones the event's name serves. */
  private static final int REMEMBERED = 4096;

  private final KubernetesClient client;
  private final MeterRegistry meters;
  private final Clock clock;
  private final Map<String, Boolean> told =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > REMEMBERED;
            }
          });

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
    publish(
        resource,
        new ObjectMetaBuilder().withGenerateName(resource.getMetadata().getName() + "."),
        now.getStatus().equals("False") ? WARNING : NORMAL,
        now.getReason(),
        now.getMessage());
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

  /** Tells once for each attempt where it went on: the event's name is the attempt's. */
  public void resumption(LoraFineTune resource) {
    Resumption.of(resource)
        .filter(found ->
            told.put(resource.getMetadata().getUid() + "/" + found.attempt(), true) == null)
        .ifPresent(found ->
            publish(
                resource,
                new ObjectMetaBuilder()
                    .withName(
                        "%s.%s.resumed.%s"
                            .formatted(
                                resource.getMetadata().getName(),
                                found.attempt(),
                                resource.getMetadata().getUid().substring(0, 8))),
                found.asExpected() ? NORMAL : WARNING,
                found.eventReason(),
                found.message()));
  }

  /** An event is a courtesy: that one cannot be written must not keep a run from its work. */
  private void publish(
      LoraFineTune resource,
      ObjectMetaBuilder metadata,
      String type,
      String reason,
      String message) {
    String time = clock.instant().toString();
    try {
      client
          .resource(
              new EventBuilder()
                  .withMetadata(
                      metadata.withNamespace(resource.getMetadata().getNamespace()).build())
                  .withNewInvolvedObject()
                  .withApiVersion(resource.getApiVersion())
                  .withKind(resource.getKind())
                  .withNamespace(resource.getMetadata().getNamespace())
                  .withName(resource.getMetadata().getName())
                  .withUid(resource.getMetadata().getUid())
                  .endInvolvedObject()
                  .withType(type)
                  .withReason(reason)
                  .withMessage(
                      message.length() > NOTE_LENGTH ? message.substring(0, NOTE_LENGTH) : message)
                  .withFirstTimestamp(time)
                  .withLastTimestamp(time)
                  .withCount(1)
                  .withNewSource(COMPONENT, null)
                  .build())
          .create();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        // An operator that ran before this one has told it.
        return;
      }
      LOG.warnf(
          "cannot write the event %s of %s/%s: %s",
          reason,
          resource.getMetadata().getNamespace(),
          resource.getMetadata().getName(),
          e.getMessage());
    }
  }
}
