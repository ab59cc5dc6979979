package io.loraoperator.reporter;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.contract.ProgressSnapshot;
import io.loraoperator.contract.ProgressSnapshot.Phase;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the object's status equal to the progress file. Each {@link #tick()} looks at the file and
 * sends at most one request; the caller decides how often.
 */
final class StatusReport {
  /** Rights may reach the API server's cache a little later than the Pod starts. */
  private static final int EARLY_REFUSALS = 20;

  private static final int FORBIDDEN = 403;

  private final ReporterConfig config;
  private final ProgressFile file;
  private final ConditionProjector projector;
  private final ReportSchedule schedule;
  private final ApiServer server;
  private final ReporterMetrics metrics;
  private final Consumer<String> log;

  private Map<ConditionType, Condition> conditions = Map.of();
  private @Nullable ProgressSnapshot progress;
  private @Nullable ObjectNode earlierCheckpoint;
  private @Nullable ObjectNode applied;
  private boolean known;
  private boolean ended;
  private int forbidden;

  StatusReport(
      ReporterConfig config,
      Clock clock,
      ReportSchedule schedule,
      ApiServer server,
      ReporterMetrics metrics,
      Consumer<String> log) {
    this.config = config;
    this.file = new ProgressFile(config, clock);
    this.projector = new ConditionProjector(clock, config.staleAfter());
    this.schedule = schedule;
    this.server = server;
    this.metrics = metrics;
    this.log = log;
  }

  /** Whether the API server has refused this reporter for good. */
  boolean ended() {
    return ended;
  }

  /** One look at the file and, if due, one request. */
  void tick() throws InterruptedException {
    observe();
    if (ended) {
      return;
    }
    if (!known) {
      if (schedule.permits(true)) {
        learn();
      }
      return;
    }
    ObjectNode document = document();
    if (!document.equals(applied) && schedule.permits(urgent(document))) {
      send(document);
    }
  }

  /** Whether the status says what the file says, as far as it ever will. */
  boolean settled() {
    observe();
    return ended || (known && document().equals(applied));
  }

  /** The next tick sends without waiting: the container is about to end. */
  void hurry() {
    schedule.hurry();
  }

  private void observe() {
    Observation observation = file.observe();
    if (observation instanceof Observation.Snapshot snapshot) {
      progress = snapshot.progress();
      metrics.progress(snapshot.progress());
    }
    conditions = projector.project(observation, conditions);
  }

  private void learn() throws InterruptedException {
    Answer answer = server.read();
    if (answer instanceof Answer.Applied found) {
      Earlier earlier = Earlier.of(found.object(), config.run());
      conditions = earlier.conditions();
      earlierCheckpoint = earlier.checkpoint();
      known = true;
      schedule.hurry();
      tick();
    } else {
      handle(answer);
    }
  }

  private void send(ObjectNode document) throws InterruptedException {
    Answer answer = server.apply(document);
    if (answer instanceof Answer.Applied) {
      applied = document;
      forbidden = 0;
      schedule.succeeded();
      metrics.reported();
    } else {
      handle(answer);
    }
  }

  private void handle(Answer answer) {
    metrics.failed();
    switch (answer) {
      case Answer.Applied _ -> throw new IllegalStateException("handled by the caller");
      case Answer.Unavailable unavailable -> {
        log.accept(
            "the API server did not take the report, trying again: " + unavailable.problem());
        schedule.failed(unavailable.retryAfter());
      }
      case Answer.Refused refused -> {
        if (refused.status() == FORBIDDEN && applied == null && forbidden++ < EARLY_REFUSALS) {
          log.accept("not permitted yet, trying again: " + refused.problem());
          schedule.failed(null);
          return;
        }
        ended = true;
        log.accept(
            "reporting ends, the API server refuses reports of run %d, attempt %d of %s/%s: %s"
                .formatted(
                    config.run(),
                    config.attempt(),
                    config.target().namespace(),
                    config.target().name(),
                    refused.problem()));
      }
    }
  }

  private ObjectNode document() {
    ObjectNode document = StatusPatch.of(config, progress, conditions);
    ObjectNode status = document.withObject("/status");
    if (!status.has("checkpoint") && earlierCheckpoint != null) {
      status.set("checkpoint", earlierCheckpoint);
    }
    return document;
  }

  /**
   * The first report, a new checkpoint, a changed condition and the end are worth a request at
   * once.
   */
  private boolean urgent(ObjectNode document) {
    if (applied == null || (progress != null && progress.phase() == Phase.Finished)) {
      return true;
    }
    return !Objects.equals(applied.at("/status/checkpoint"), document.at("/status/checkpoint"))
        || !statuses(applied).equals(statuses(document));
  }

  private static String statuses(ObjectNode document) {
    return String.join(",", document.at("/status/conditions").findValuesAsText("status"));
  }
}
