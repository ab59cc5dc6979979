package io.loraoperator.reporter;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.contract.ProgressSnapshot.Phase;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged reporter as a process of its own, as the kubelet runs it. */
class ReporterProcessIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path TARGET = Path.of("target");
  private static final Path RECORDED = TARGET.resolve("recorded.classes");

  @TempDir private static Path credentials;
  @TempDir private Path folder;
  private FakeApiServer server;
  private Path file;
  private @Nullable Process process;

  @BeforeEach
  void start() throws Exception {
    server = new FakeApiServer(credentials);
    file = folder.resolve("progress.json");
  }

  @AfterEach
  void stop() {
    if (process != null) {
      process.destroyForcibly();
    }
    server.close();
  }

  @Test
  void reportsTheLastStepWhenItIsStopped() throws Exception {
    Process reporter = reporter(Map.of());
    Snapshots.training(1).write(file);
    await(() -> step() == 1);
    Snapshots.of(2, Phase.Finished, 600, Snapshots.CHECKPOINT).write(file);
    Snapshots.of(2, Phase.Finished, 601, Snapshots.CHECKPOINT).write(file);
    reporter.destroy();

    assertThat(reporter.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(reporter.exitValue()).isZero();
    assertThat(step()).isEqualTo(601);
  }

  @Test
  void survivesATroubledServerAndStillReportsTheLastStep() throws Exception {
    server.failNext(503, 503);
    Process reporter = reporter(Map.of());
    Snapshots.training(1).write(file);
    await(() -> step() == 1);
    server.failNext(500, 503);
    Snapshots.training(2).write(file);
    reporter.destroy();

    assertThat(reporter.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(reporter.exitValue()).isZero();
    assertThat(step()).isEqualTo(2);
  }

  @Test
  void staysAliveWhenItIsRefusedAndServesItsEndpoints() throws Exception {
    int port = freePort();
    server.failNext(409);
    Process reporter = reporter(Map.of("LORA_METRICS_PORT", "" + port));
    Snapshots.training(7).write(file);
    await(() -> output().contains("reporting ends"));
    await(() -> get(port, "/metrics").contains("lora_finetune_step{"));

    assertThat(get(port, "/healthz")).isEqualTo("ok\n");
    assertThat(get(port, "/metrics"))
        .contains(
            "lora_finetune_step{namespace=\"team-a\",name=\"helper\",run=\"2\",attempt=\"1\"} 7\n")
        .contains("# TYPE lora_finetune_tokens_total counter\n");
    assertThat(reporter.isAlive()).isTrue();
    assertThat(server.applied()).isEmpty();
  }

  @Test
  void namesAMissingVariable() throws Exception {
    Process reporter = reporter(Map.of("LORA_UID", ""));

    assertThat(reporter.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(reporter.exitValue()).isEqualTo(2);
    assertThat(output()).contains("lora-reporter: environment variable LORA_UID is not set");
  }

  /** The image's class data archive is made from the committed list. */
  @Test
  void theCommittedClassListIsUpToDate() throws Exception {
    Process reporter = reporter(Map.of());
    Snapshots.training(1, Snapshots.CHECKPOINT).write(file);
    await(() -> step() == 1);
    reporter.destroy();
    assertThat(reporter.waitFor(30, TimeUnit.SECONDS)).isTrue();

    Set<String> committed =
        Set.copyOf(Files.readAllLines(Path.of("src/main/cds/reporter.classes")));
    List<String> recorded =
        Files.readAllLines(RECORDED).stream()
            .filter(line -> !line.startsWith("@") && !line.startsWith("#"))
            .map(line -> line.split(" ", 2)[0])
            .toList();
    List<String> own =
        recorded.stream().filter(name -> name.startsWith("io/loraoperator/")).toList();
    List<String> missing = recorded.stream().filter(name -> !committed.contains(name)).toList();
    assertThat(own).isNotEmpty();
    assertThat(missing.size())
        .describedAs("run trainer-image/reporter/record-classes; missing: %s", missing)
        .isLessThan(recorded.size() / 20);
  }

  private Process reporter(Map<String, String> more) throws IOException {
    String version = System.getProperty("project.version");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:DumpLoadedClassList=" + RECORDED);
    command.add("-cp");
    command.add(
        TARGET.resolve("reporter-" + version + ".jar")
            + ":"
            + Files.readString(TARGET.resolve("runtime-classpath")).strip());
    command.add(Reporter.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(folder.resolve("output").toFile());
    Map<String, String> environment = new HashMap<>();
    environment.put("KUBERNETES_SERVICE_HOST", server.uri().getHost());
    environment.put("KUBERNETES_SERVICE_PORT", "" + server.uri().getPort());
    environment.put("LORA_NAMESPACE", "team-a");
    environment.put("LORA_NAME", "helper");
    environment.put("LORA_UID", "uid-1");
    environment.put("LORA_RUN", "2");
    environment.put("LORA_ATTEMPT", "1");
    environment.put("LORA_MIN_INTERVAL_SECONDS", "1");
    environment.put("LORA_CREDENTIALS", server.credentials().toString());
    environment.put("LORA_PROGRESS_FILE", file.toString());
    environment.put("LORA_METRICS_PORT", "" + freePort());
    environment.putAll(more);
    builder.environment().putAll(environment);
    Process started = builder.start();
    process = started;
    return started;
  }

  private int step() {
    return server.applied().isEmpty()
        ? 0
        : server.lastApplied().at("/status/progress/step").asInt();
  }

  private String output() {
    try {
      return Files.readString(folder.resolve("output"));
    } catch (IOException e) {
      return "";
    }
  }

  private static String get(int port, String path) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void await(BooleanSupplier condition) throws InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).describedAs(output()).isBefore(end);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }
}
