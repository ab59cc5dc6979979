package io.loraoperator.reporter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.contract.ProgressSnapshot.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop's body against a server over TLS, in the time of a clock that the test sets. */
class StatusReportTest {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final TestClock clock = new TestClock();
  private final List<String> log = new ArrayList<>();

  @TempDir private static Path credentials;
  @TempDir private Path folder;
  private FakeApiServer server;
  private Path file;
  private StatusReport report;

  @BeforeEach
  void start() throws Exception {
    server = new FakeApiServer(credentials);
    file = folder.resolve("progress.json");
    report = report();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void appliesTheWholeOwnedStatus() throws Exception {
    Snapshots.training(120, Snapshots.CHECKPOINT).write(file);
    report.tick();

    FakeApiServer.Request request = server.requests().getLast();
    assertThat(request.path())
        .isEqualTo(
            "/apis/finetune.loraoperator.io/v1alpha1/namespaces/team-a/lorafinetunes/helper/status");
    assertThat(request.query()).isEqualTo("force=true&fieldManager=lora-reporter");
    assertThat(request.type()).isEqualTo("application/apply-patch+yaml");
    assertThat(request.authorization()).isEqualTo("Bearer first-token");
    JsonNode body = request.body();
    assertThat(body.at("/metadata/uid").asText()).isEqualTo("uid-1");
    assertThat(body.at("/status/progress").toString())
        .isEqualTo(
            "{\"run\":2,\"attempt\":1,\"step\":120,\"totalSteps\":600,\"stepSummary\":\"120/600\","
                + "\"percentage\":20,\"epoch\":\"0.60\",\"loss\":\"1.8231\",\"evaluationLoss\":\"1.9012\","
                + "\"learningRate\":\"2e-4\",\"gradientNorm\":\"0.41\",\"tokensSeen\":412331,"
                + "\"tokensPerSecond\":\"1830\",\"remainingSeconds\":1490,\"remaining\":\"24m50s\","
                + "\"lastUpdateTime\":\"2026-11-22T11:59:00Z\"}");
    assertThat(body.at("/status/checkpoint/step").asInt()).isEqualTo(100);
    assertThat(body.at("/status/conditions").findValuesAsText("type"))
        .containsExactly("ProgressReporting", "Checkpointed");
  }

  @Test
  void ordinaryStepsWaitForTheIntervalAndOnlyTheNewestIsSent() throws Exception {
    Snapshots.training(1).write(file);
    report.tick();
    for (int step = 2; step < 6; step++) {
      clock.advance(Duration.ofSeconds(1));
      Snapshots.training(step).write(file);
      report.tick();
    }
    assertThat(server.applied()).hasSize(1);

    clock.advance(Duration.ofSeconds(1));
    report.tick();
    assertThat(server.applied()).hasSize(2);
    assertThat(server.lastApplied().at("/status/progress/step").asInt()).isEqualTo(5);
  }

  @Test
  void checkpointsAndTheEndDoNotWait() throws Exception {
    Snapshots.training(99).write(file);
    report.tick();
    Snapshots.training(100, Snapshots.CHECKPOINT).write(file);
    report.tick();
    assertThat(server.lastApplied().at("/status/checkpoint/step").asInt()).isEqualTo(100);
    Snapshots.of(2, Phase.Finished, 600, Snapshots.CHECKPOINT).write(file);
    report.tick();

    assertThat(server.lastApplied().at("/status/progress/step").asInt()).isEqualTo(600);
    assertThat(server.applied()).hasSize(3);
  }

  @Test
  void nothingIsSentWhenNothingHasChanged() throws Exception {
    Snapshots.training(1).write(file);
    report.tick();
    clock.advance(Duration.ofMinutes(1));
    report.tick();

    assertThat(server.applied()).hasSize(1);
    assertThat(report.settled()).isTrue();
  }

  @Test
  void triesAgainWithBackOffWhileTheServerIsTroubled() throws Exception {
    Snapshots.training(1).write(file);
    server.failNext(503, 500, 429, 401);
    for (int i = 0; i < 4; i++) {
      report.tick();
      report.tick();
      clock.advance(Duration.ofSeconds(40));
    }
    assertThat(server.requests()).isEmpty();
    assertThat(log).hasSize(4).first().asString().contains("status 503 told to fail");

    report.tick();
    assertThat(server.lastApplied().at("/status/progress/step").asInt()).isEqualTo(1);
    assertThat(report.ended()).isFalse();
  }

  @Test
  void endsWithOneLineWhenTheObjectIsAnotherOne() throws Exception {
    for (int code : new int[] {404, 409, 422}) {
      StatusReport other = report();
      log.clear();
      server.failNext(code);
      other.tick();
      clock.advance(Duration.ofMinutes(2));
      other.tick();

      assertThat(other.ended()).isTrue();
      assertThat(other.settled()).isTrue();
      assertThat(log).singleElement().asString().contains("run 2", "team-a/helper", "" + code);
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void endsWhenAnotherObjectHasTakenTheName() throws Exception {
    Snapshots.training(1).write(file);
    report.tick();
    server.recreate();
    Snapshots.training(2).write(file);
    clock.advance(INTERVAL);
    report.tick();

    assertThat(report.ended()).isTrue();
    assertThat(log).singleElement().asString().contains("uid-2 by now, not uid-1");
  }

  @Test
  void waitsForItsRightsAtTheStartButEndsWhenTheyAreWithdrawn() throws Exception {
    Snapshots.training(1).write(file);
    server.failNext(403);
    report.tick();
    assertThat(report.ended()).isFalse();
    clock.advance(Duration.ofSeconds(2));
    report.tick();
    assertThat(server.applied()).hasSize(1);

    server.failNext(403);
    Snapshots.training(2).write(file);
    clock.advance(INTERVAL);
    report.tick();
    assertThat(report.ended()).isTrue();
  }

  @Test
  void readsARenewedToken() throws Exception {
    Snapshots.training(1).write(file);
    report.tick();
    server.token("second-token");
    Snapshots.training(2).write(file);
    clock.advance(INTERVAL);
    report.tick();

    assertThat(server.requests().getLast().authorization()).isEqualTo("Bearer second-token");
  }

  @Test
  void goesOnFromWhatAnEarlierReporterOfTheRunLeft() throws Exception {
    server.object(
        """
        {"status": {"progress": {"run": 2, "attempt": 1},
          "checkpoint": {"step": 50, "uri": "s3://a/", "sha256": "00", "time": "2026-11-22T10:00:00Z"},
          "conditions": [
            {"type": "Succeeded", "status": "Unknown", "reason": "Running", "message": "", "lastTransitionTime": "2026-11-22T08:00:00Z"},
            {"type": "ProgressReporting", "status": "True", "reason": "Fresh", "message": "", "lastTransitionTime": "2026-11-22T09:00:00Z"}]}}
        """);
    Snapshots.training(60).write(file);
    report.tick();

    JsonNode status = server.lastApplied().path("status");
    assertThat(status.at("/checkpoint/step").asInt()).isEqualTo(50);
    assertThat(status.at("/conditions/0/lastTransitionTime").asText())
        .isEqualTo("2026-11-22T09:00:00Z");
    assertThat(status.path("conditions")).hasSize(2);
  }

  @Test
  void leavesTheCheckpointOfAnotherRunBehind() throws Exception {
    server.object("{\"status\": {\"progress\": {\"run\": 1}, \"checkpoint\": {\"step\": 50}}}");
    Snapshots.training(60).write(file);
    report.tick();

    assertThat(server.lastApplied().path("status").has("checkpoint")).isFalse();
  }

  @Test
  void refusesAFileOfAnotherRunAndATornOne() throws Exception {
    Snapshots.of(1, Phase.Training, 7, null).write(file);
    report.tick();
    assertThat(server.lastApplied().at("/status/conditions/0/message").asText())
        .contains("run 1")
        .contains("serves run 2");
    assertThat(server.lastApplied().at("/status/progress").has("step")).isFalse();

    Files.writeString(file, "{\"run\":");
    clock.advance(INTERVAL);
    report.tick();
    assertThat(server.lastApplied().at("/status/conditions/0/reason").asText())
        .isEqualTo("Unreadable");
  }

  private StatusReport report() {
    ReporterConfig config =
        new ReporterConfig(
            new ReporterConfig.Target("team-a", "helper", "uid-1"),
            2,
            1,
            server.uri(),
            credentials,
            file,
            INTERVAL,
            Duration.ofMinutes(10),
            0);
    return new StatusReport(
        config,
        clock,
        new ReportSchedule(clock, INTERVAL, new SplittableRandom(1)),
        new ApiServer(config),
        new ReporterMetrics(config),
        log::add);
  }
}
