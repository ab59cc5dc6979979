package io.loraoperator.trainer.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Hugging Face hub's writing side: repositories are made, files are asked about, large ones are
 * put into storage by Git LFS, and a commit brings everything together. {@link HubServer#TOKEN} may
 * write everywhere but below {@value #FOREIGN}, {@link #READING} nowhere.
 */
final class HubWrites {

  /** Whose repositories nobody else may write. */
  static final String FOREIGN = "other";

  /** A token that may read only. */
  static final String READING = "hf_reading_token";

  private static final Pattern PREUPLOAD = Pattern.compile("/api/(models)/(.+?)/preupload/([^/]+)");
  private static final Pattern COMMIT = Pattern.compile("/api/(models)/(.+?)/commit/([^/]+)");
  private static final Pattern LARGE =
      Pattern.compile("/(.+?)\\.git/info/lfs/objects/(batch|verify)");
  private static final Pattern BASE_MODEL = Pattern.compile("(?m)^base_model: *(\\S+)$");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, ServedRepository> repositories;
  private final Map<String, byte[]> storage = new ConcurrentHashMap<>();
  private final AtomicInteger refusedPuts = new AtomicInteger();
  private final AtomicInteger lostCommits = new AtomicInteger();
  private volatile boolean forbidden;

  HubWrites(Map<String, ServedRepository> repositories) {
    this.repositories = repositories;
  }

  void forbid(boolean all) {
    forbidden = all;
  }

  /** The next files are not taken, as when an address has expired. */
  void refusePuts(int count) {
    refusedPuts.set(count);
  }

  /** The next commits are made, but nobody hears of it. */
  void loseAnswers(int count) {
    lostCommits.set(count);
  }

  /** Answers what is written. */
  void answer(HttpExchange exchange, String endpoint, int contentPort) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (path.equals("/api/repos/create")) {
      create(exchange, JSON.readTree(body), endpoint);
      return;
    }
    if (path.equals("/api/validate-yaml")) {
      validate(exchange, JSON.readTree(body).path("content").asText());
      return;
    }
    for (Pattern pattern : new Pattern[] {PREUPLOAD, COMMIT, LARGE}) {
      Matcher matcher = pattern.matcher(path);
      if (matcher.matches()) {
        String name = decoded(matcher.group(pattern == LARGE ? 1 : 2));
        ServedRepository repository = repositories.get("models/" + name);
        if (!mayWrite(exchange, name)) {
          return;
        }
        if (repository == null) {
          HubAnswers.fail(exchange, 404, "RepoNotFound", "Repository not found");
        } else if (pattern == PREUPLOAD) {
          preupload(exchange, repository, JSON.readTree(body));
        } else if (pattern == COMMIT) {
          commit(exchange, repository, body, endpoint);
        } else if (matcher.group(2).equals("batch")) {
          batch(exchange, repository, JSON.readTree(body), endpoint, contentPort);
        } else {
          verify(exchange, JSON.readTree(body));
        }
        return;
      }
    }
    HubAnswers.fail(exchange, 404, null, "Sorry, we can't find the page you are looking for.");
  }

  private boolean mayWrite(HttpExchange exchange, String name) throws IOException {
    String token =
        Objects.toString(exchange.getRequestHeaders().getFirst("Authorization"), "")
            .replaceFirst("Bearer ", "");
    if (token.contains("expired")) {
      HubAnswers.fail(exchange, 401, null, "Invalid credentials in Authorization header");
    } else if (token.isEmpty()) {
      HubAnswers.fail(exchange, 401, "RepoNotFound", "Invalid username or password.");
    } else if (forbidden || !token.equals(HubServer.TOKEN) || name.startsWith(FOREIGN + "/")) {
      HubAnswers.fail(
          exchange,
          403,
          null,
          "You don't have the rights to create a model under the namespace \"%s\""
              .formatted(name.split("/", -1)[0]));
    } else {
      return true;
    }
    return false;
  }

  private void create(HttpExchange exchange, JsonNode asked, String endpoint) throws IOException {
    String name = asked.path("organization").asText() + "/" + asked.path("name").asText();
    if (!mayWrite(exchange, name)) {
      return;
    }
    ServedRepository fresh =
        new ServedRepository("models", name).put(".gitattributes", "*.safetensors filter=lfs\n");
    if (asked.path("private").asBoolean() || asked.path("visibility").asText().equals("private")) {
      fresh.hidden();
    }
    if (repositories.putIfAbsent("models/" + name, fresh) != null) {
      HubAnswers.answer(
          exchange,
          409,
          Map.of("error", "You already created this model repo", "url", endpoint + "/" + name));
      return;
    }
    HubAnswers.json(
        exchange, Map.of("url", endpoint + "/" + name, "name", name, "id", "0123456789"));
  }

  /** The hub takes models of its own only as what an adapter is for. */
  private static @Nullable String invalid(String card) {
    Matcher base = BASE_MODEL.matcher(card);
    return base.find() && !base.group(1).matches("[\\w.-]+(/[\\w.-]+)?")
        ? "\"base_model\" with value \"%s\" is not valid. Use a model id from https://hf.co/models."
            .formatted(base.group(1))
        : null;
  }

  private static void validate(HttpExchange exchange, String card) throws IOException {
    String error = invalid(card);
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode errors = answer.putArray("errors");
    answer.putArray("warnings");
    if (error != null) {
      errors.addObject().put("message", error);
      HubAnswers.answer(exchange, 400, answer);
      return;
    }
    HubAnswers.json(exchange, answer);
  }

  private static void preupload(HttpExchange exchange, ServedRepository repository, JsonNode asked)
      throws IOException {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode files = answer.putArray("files");
    for (JsonNode file : asked.path("files")) {
      String path = file.path("path").asText();
      boolean large = ServedRepository.isLarge(path);
      ObjectNode one = files.addObject().put("path", path).put("shouldIgnore", false);
      one.put("uploadMode", large ? "lfs" : "regular");
      byte[] known = repository.find(path);
      if (known != null) {
        // Storage holds no empty file: such a one is a blob.
        one.put(
            "oid",
            large && known.length > 0
                ? ServedRepository.sha256(known)
                : ServedRepository.blob(known, false));
      }
    }
    HubAnswers.json(exchange, answer);
  }

  private void batch(
      HttpExchange exchange,
      ServedRepository repository,
      JsonNode asked,
      String endpoint,
      int contentPort)
      throws IOException {
    ObjectNode answer = JSON.createObjectNode().put("transfer", "basic");
    ArrayNode objects = answer.putArray("objects");
    for (JsonNode object : asked.path("objects")) {
      String oid = object.path("oid").asText();
      ObjectNode one = objects.addObject().put("oid", oid);
      one.put("size", object.path("size").asLong());
      if (!storage.containsKey(oid)) {
        ObjectNode actions = one.putObject("actions");
        actions
            .putObject("upload")
            .put("href", "http://localhost:%d/lfs/%s?X-Amz-Signature=0".formatted(contentPort, oid))
            .putObject("header")
            .put("x-amz-meta-kind", "adapter");
        actions
            .putObject("verify")
            .put(
                "href", "%s/%s.git/info/lfs/objects/verify".formatted(endpoint, repository.name()));
      }
    }
    HubAnswers.json(exchange, answer);
  }

  /** A large file comes to the other server. */
  void put(HttpExchange exchange) throws IOException {
    byte[] bytes = exchange.getRequestBody().readAllBytes();
    String oid = exchange.getRequestURI().getPath().replaceFirst("^/lfs/", "");
    boolean told = exchange.getRequestHeaders().getFirst("Content-Length") != null;
    boolean refused = refusedPuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    if (refused || !told || !ServedRepository.sha256(bytes).equals(oid)) {
      exchange.sendResponseHeaders(told ? 403 : 411, -1);
      return;
    }
    storage.put(oid, bytes);
    exchange.sendResponseHeaders(200, -1);
  }

  private void verify(HttpExchange exchange, JsonNode object) throws IOException {
    byte[] bytes = storage.get(object.path("oid").asText());
    if (bytes == null || bytes.length != object.path("size").asLong()) {
      HubAnswers.fail(exchange, 404, null, "no such object");
      return;
    }
    HubAnswers.json(exchange, Map.of());
  }

  private void commit(
      HttpExchange exchange, ServedRepository repository, String lines, String endpoint)
      throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    String summary = "";
    for (String line : lines.split("\n", -1)) {
      if (line.isEmpty()) {
        continue;
      }
      JsonNode value = JSON.readTree(line).path("value");
      switch (JSON.readTree(line).path("key").asText()) {
        case "header" -> summary = value.path("summary").asText();
        case "file" ->
            files.put(
                value.path("path").asText(),
                Base64.getDecoder().decode(value.path("content").asText()));
        case "lfsFile" -> {
          byte[] bytes = storage.get(value.path("oid").asText());
          if (bytes == null) {
            HubAnswers.fail(exchange, 422, null, "LFS pointer to a file that does not exist");
            return;
          }
          files.put(value.path("path").asText(), bytes);
        }
        default -> {
          HubAnswers.fail(exchange, 400, null, "unknown operation: " + line);
          return;
        }
      }
    }
    byte[] card = files.get("README.md");
    String error = card == null ? null : invalid(new String(card, StandardCharsets.UTF_8));
    if (error != null || summary.isEmpty()) {
      HubAnswers.fail(exchange, 400, null, Objects.requireNonNullElse(error, "no summary"));
      return;
    }
    repository.commit(files);
    if (lostCommits.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      HubAnswers.fail(exchange, 504, null, "gateway timeout");
      return;
    }
    String commit = repository.commit();
    HubAnswers.json(
        exchange,
        Map.of(
            "success",
            true,
            "commitOid",
            commit,
            "commitUrl",
            "%s/%s/commit/%s".formatted(endpoint, repository.name(), commit),
            "hookOutput",
            ""));
  }

  private static String decoded(String path) {
    return URLDecoder.decode(path, StandardCharsets.UTF_8);
  }
}
