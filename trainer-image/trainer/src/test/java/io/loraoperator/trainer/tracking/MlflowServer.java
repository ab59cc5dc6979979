package io.loraoperator.trainer.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * MLflow's tracking server over real HTTP, as far as the trainer asks it. {@code
 * parity/tracking/mlflow_runs.py} does the same with MLflow's own server.
 */
final class MlflowServer implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern FILTER = Pattern.compile("tags\\.`(.+)` = '(.+)'");

  /** A run as the server holds it. */
  static final class Run {
    final Map<String, String> tags = new LinkedHashMap<>();
    final Map<String, String> params = new LinkedHashMap<>();
    final List<JsonNode> metrics = new ArrayList<>();
    final List<String> statuses = new ArrayList<>(List.of("RUNNING"));

    /** The steps of a metric, in the order in which they came. */
    List<Integer> steps(String key) {
      return metrics.stream()
          .filter(metric -> metric.path("key").asText().equals(key))
          .map(metric -> metric.path("step").asInt())
          .toList();
    }
  }

  final Map<String, String> experiments = new LinkedHashMap<>();
  final List<Run> runs = new ArrayList<>();
  private final HttpServer server;
  private int broken;

  MlflowServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/api/2.0/mlflow/", this::answer);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  String uri() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The next answers are those of a proxy whose server is away. */
  synchronized void breakNext(int answers) {
    broken = answers;
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath().replace("/api/2.0/mlflow/", "");
      JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
      if (broken > 0) {
        broken--;
        send(exchange, 503, JSON.createObjectNode());
        return;
      }
      switch (path) {
        case "experiments/get-by-name" -> {
          String id = experiments.get(query(exchange, "experiment_name"));
          ObjectNode found = JSON.createObjectNode();
          if (id == null) {
            send(exchange, 404, found.put("error_code", "RESOURCE_DOES_NOT_EXIST"));
          } else {
            found.putObject("experiment").put("experiment_id", id);
            send(exchange, 200, found);
          }
        }
        case "experiments/create" -> {
          String id = String.valueOf(experiments.size());
          experiments.put(body.path("name").asText(), id);
          send(exchange, 200, JSON.createObjectNode().put("experiment_id", id));
        }
        case "runs/search" -> send(exchange, 200, search(body));
        case "runs/create" -> {
          Run run = new Run();
          body.path("tags")
              .forEach(tag -> run.tags.put(tag.path("key").asText(), tag.path("value").asText()));
          runs.add(run);
          send(exchange, 200, JSON.createObjectNode().set("run", described(runs.size() - 1)));
        }
        case "runs/log-batch" -> {
          Run run = runs.get(body.path("run_id").asInt());
          body.path("metrics").forEach(run.metrics::add);
          body.path("params")
              .forEach(one -> run.params.put(one.path("key").asText(), one.path("value").asText()));
          send(exchange, 200, JSON.createObjectNode());
        }
        case "runs/update" -> {
          runs.get(body.path("run_id").asInt()).statuses.add(body.path("status").asText());
          send(exchange, 200, JSON.createObjectNode());
        }
        case "metrics/get-history" -> {
          Run run = runs.get(Integer.parseInt(query(exchange, "run_id")));
          String key = query(exchange, "metric_key");
          ObjectNode history = JSON.createObjectNode();
          ArrayNode metrics = history.putArray("metrics");
          run.metrics.stream()
              .filter(metric -> metric.path("key").asText().equals(key))
              .forEach(metrics::add);
          send(exchange, 200, history);
        }
        default -> send(exchange, 404, JSON.createObjectNode().put("error_code", "NOT_FOUND"));
      }
    }
  }

  private ObjectNode search(JsonNode body) {
    Matcher filter = FILTER.matcher(body.path("filter").asText());
    ObjectNode found = JSON.createObjectNode();
    ArrayNode list = found.putArray("runs");
    for (int i = runs.size() - 1; i >= 0 && filter.matches() && list.isEmpty(); i--) {
      if (filter.group(2).equals(runs.get(i).tags.get(filter.group(1)))) {
        list.add(described(i));
      }
    }
    return found;
  }

  private static ObjectNode described(int id) {
    ObjectNode run = JSON.createObjectNode();
    run.putObject("info").put("run_id", String.valueOf(id));
    return run;
  }

  private static String query(HttpExchange exchange, String name) {
    for (String part : exchange.getRequestURI().getRawQuery().split("&", -1)) {
      if (part.startsWith(name + "=")) {
        return URLDecoder.decode(part.substring(name.length() + 1), StandardCharsets.UTF_8);
      }
    }
    return "";
  }

  private static void send(HttpExchange exchange, int status, JsonNode answer) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(answer);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
