package io.loraoperator.trainer.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.trainer.artifacts.LogEntry;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * MLflow's REST API, as far as a run is reported by it. Every method throws {@link IOException} if
 * the server cannot be reached or refuses.
 *
 * @see <a href="https://mlflow.org/docs/latest/rest-api.html">MLflow REST API</a>
 */
final class MlflowClient implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What the server takes in one request. */
  private static final int MOST_METRICS = 1000;

  /** Names a run for the attempts that follow. */
  private static final String OUTPUT_TAG = "lora_operator.output";

  /** Every line of the log has it. */
  private static final String METRIC_OF_EVERY_LINE = "epoch";

  private static final String EXISTS = "RESOURCE_ALREADY_EXISTS";
  private static final String MISSING = "RESOURCE_DOES_NOT_EXIST";

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final String server;

  /** What the server says no to, by its code. */
  private static final class Refusal extends IOException {
    private static final long serialVersionUID = 1;
    private final String code;

    Refusal(String code, String message) {
      super(message);
      this.code = code;
    }
  }

  MlflowClient(String trackingUri) {
    this.server = trackingUri.replaceAll("/+$", "");
  }

  /** The experiment of a name, made if there is none. */
  String experiment(String name) throws IOException {
    try {
      return find(name);
    } catch (Refusal e) {
      if (!e.code.equals(MISSING)) {
        throw e;
      }
    }
    try {
      return post("experiments/create", Map.of("name", name)).path("experiment_id").asText();
    } catch (Refusal e) {
      if (e.code.equals(EXISTS)) {
        return find(name);
      }
      throw e;
    }
  }

  private String find(String name) throws IOException {
    return get("experiments/get-by-name?experiment_name=" + encoded(name))
        .path("experiment")
        .path("experiment_id")
        .asText();
  }

  /** The newest run whose results lie there; empty if there is none. */
  String run(String experiment, String output) throws IOException {
    JsonNode found =
        post(
            "runs/search",
            Map.of(
                "experiment_ids",
                List.of(experiment),
                "filter",
                "tags.`%s` = '%s'".formatted(OUTPUT_TAG, output.replace("'", "")),
                "order_by",
                List.of("attributes.start_time DESC"),
                "max_results",
                1));
    return found.path("runs").path(0).path("info").path("run_id").asText();
  }

  /** Makes a run. */
  String create(String experiment, String name, String output, long start) throws IOException {
    Map<String, String> tag = Map.of("key", OUTPUT_TAG, "value", output.replace("'", ""));
    return post(
            "runs/create",
            Map.of(
                "experiment_id",
                experiment,
                "run_name",
                name,
                "start_time",
                start,
                "tags",
                List.of(tag)))
        .path("run")
        .path("info")
        .path("run_id")
        .asText();
  }

  /** Says what a run was asked to do; the same may be said again. */
  void parameters(String run, Map<String, String> parameters) throws IOException {
    List<Map<String, String>> list =
        parameters.entrySet().stream()
            .map(entry -> Map.of("key", entry.getKey(), "value", entry.getValue()))
            .toList();
    post("runs/log-batch", Map.of("run_id", run, "params", list));
  }

  /** The steps of the lines that the server has. */
  Set<Integer> steps(String run) throws IOException {
    Set<Integer> steps = new HashSet<>();
    String page = "";
    do {
      JsonNode answer =
          get(
              "metrics/get-history?run_id=%s&metric_key=%s&max_results=25000%s"
                  .formatted(
                      encoded(run),
                      METRIC_OF_EVERY_LINE,
                      page.isEmpty() ? "" : "&page_token=" + encoded(page)));
      answer.path("metrics").forEach(metric -> steps.add(metric.path("step").asInt()));
      page = answer.path("next_page_token").asText();
    } while (!page.isEmpty());
    return steps;
  }

  /** Sends lines of the log, each with its own time. */
  void metrics(String run, List<LogEntry> lines) throws IOException {
    List<Map<String, Object>> metrics = new ArrayList<>();
    for (LogEntry line : lines) {
      TrackedMetrics.of(line)
          .forEach((name, value) ->
              metrics.add(
                  Map.of(
                      "key",
                      name,
                      "value",
                      value,
                      "timestamp",
                      line.time().toEpochMilli(),
                      "step",
                      line.step())));
    }
    for (int from = 0; from < metrics.size(); from += MOST_METRICS) {
      int to = Math.min(metrics.size(), from + MOST_METRICS);
      post("runs/log-batch", Map.of("run_id", run, "metrics", metrics.subList(from, to)));
    }
  }

  /** Says that a run goes on. */
  void running(String run) throws IOException {
    post("runs/update", Map.of("run_id", run, "status", "RUNNING"));
  }

  /** Says how a run has ended. */
  void ended(String run, Tracker.Ending ending, long time) throws IOException {
    post("runs/update", Map.of("run_id", run, "status", ending.name(), "end_time", time));
  }

  private JsonNode get(String path) throws IOException {
    return send(request(path).GET());
  }

  private JsonNode post(String path, Object body) throws IOException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(ContractJson.write(body))));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server + "/api/2.0/mlflow/" + path)).timeout(PATIENCE);
  }

  private JsonNode send(HttpRequest.Builder request) throws IOException {
    HttpResponse<String> response;
    try {
      response = http.send(request.build(), BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (response.statusCode() == 200) {
      return ContractJson.readTree(response.body());
    }
    String code = "";
    String message = "";
    try {
      JsonNode error = ContractJson.readTree(response.body());
      code = error.path("error_code").asText();
      message = error.path("message").asText();
    } catch (IOException e) {
      // A proxy's page; the status says enough.
    }
    throw new Refusal(
        code, "HTTP %d %s %s".formatted(response.statusCode(), code, message).strip());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
