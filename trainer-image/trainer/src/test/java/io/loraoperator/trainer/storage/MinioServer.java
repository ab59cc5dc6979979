package io.loraoperator.trainer.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A MinIO server of its own on a free port: the program that the local cluster has built and
 * cached, or else one built from the same pinned Go module.
 */
public final class MinioServer implements AutoCloseable {

  public static final String USER = "tester";
  public static final String PASSWORD = "tester-secret";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final String endpoint;

  private MinioServer(Process process, String endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /** Starts one. */
  public static MinioServer start(Path data) throws IOException, InterruptedException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            program().toString(), "server", "--address", "127.0.0.1:" + port, data.toString());
    builder
        .environment()
        .putAll(
            Map.of(
                "MINIO_ROOT_USER",
                USER,
                "MINIO_ROOT_PASSWORD",
                PASSWORD,
                "MINIO_BROWSER",
                "off",
                "HOME",
                data.toString()));
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    MinioServer server = new MinioServer(builder.start(), "http://127.0.0.1:" + port);
    server.awaitReady();
    return server;
  }

  /** Its URL. */
  public String endpoint() {
    return endpoint;
  }

  private void awaitReady() throws InterruptedException {
    HttpRequest ready =
        HttpRequest.newBuilder(URI.create(endpoint + "/minio/health/ready"))
            .timeout(Duration.ofSeconds(2))
            .build();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (System.nanoTime() < deadline && process.isAlive()) {
        try {
          if (client.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
            return;
          }
        } catch (IOException e) {
          // Not listening yet.
        }
        process.waitFor(Duration.ofMillis(100));
      }
    }
    close();
    throw new IllegalStateException("MinIO was not ready after " + PATIENCE);
  }

  private static Path program() throws IOException, InterruptedException {
    Path cache =
        Path.of(
            Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .orElse(System.getProperty("user.home") + "/.cache"),
            "lora-operator/binaries");
    if (Files.isDirectory(cache)) {
      try (Stream<Path> folders = Files.list(cache)) {
        Optional<Path> cached =
            folders
                .map(folder -> folder.resolve("minio"))
                .filter(Files::isExecutable)
                .sorted()
                .findFirst();
        if (cached.isPresent()) {
          return cached.get();
        }
      }
    }
    return build();
  }

  private static Path build() throws IOException, InterruptedException {
    Path target = Path.of("target/minio").toAbsolutePath();
    Path module = Path.of("../../e2e/binaries/minio").toAbsolutePath().normalize();
    int code =
        new ProcessBuilder("go", "build", "-o", target.toString(), "github.com/minio/minio")
            .directory(module.toFile())
            .inheritIO()
            .start()
            .waitFor();
    if (code != 0) {
      throw new IllegalStateException("MinIO could not be built in " + module);
    }
    return target;
  }

  /** Returns when the process has ended: until then it writes into its folder. */
  @Override
  public void close() {
    process.destroy();
    if (process.onExit().completeOnTimeout(null, 10, TimeUnit.SECONDS).join() == null) {
      process.destroyForcibly().onExit().join();
    }
  }
}
