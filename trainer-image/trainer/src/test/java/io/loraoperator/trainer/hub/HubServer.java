package io.loraoperator.trainer.hub;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Hugging Face hub over real HTTP: information about revisions, trees of files, and their
 * content, small files by way of a redirect on the same server and large ones on another one, as
 * the hub has them; what is written goes to {@link HubWrites}. {@code parity/hub/check} holds it
 * against the hub's own Python client.
 */
public final class HubServer implements AutoCloseable {

  /** One that may read what is gated or private. */
  public static final String TOKEN = "hf_test_token";

  private static final Pattern INFO =
      Pattern.compile("/api/(models|datasets)/(.+?)(?:/revision/([^/]+))?");
  private static final Pattern TREE =
      Pattern.compile("/api/(models|datasets)/(.+?)/tree/([^/]+)(?:/(.*))?");
  private static final Pattern RESOLVE = Pattern.compile("/(datasets/)?(.+?)/resolve/([^/]+)/(.+)");
  private static final Pattern CACHE =
      Pattern.compile("/api/resolve-cache/(models|datasets)/(.+?)/([0-9a-f]{40})/(.+)");

  /** A request as it arrived. */
  record Request(
      String method, String path, @Nullable String authorization, @Nullable String range) {}

  private final HttpServer hub;
  private final HttpServer content;
  private final Map<String, ServedRepository> repositories = new ConcurrentHashMap<>();
  private final HubWrites writes = new HubWrites(repositories);
  private final Map<String, String> renamed = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> cuts = new ConcurrentHashMap<>();
  private volatile boolean knowsRanges = true;
  private volatile boolean stalls;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger brokenAnswers = new AtomicInteger();
  private volatile int brokenStatus = 502;
  private volatile String retryAfter = "";

  public HubServer() throws IOException {
    hub = server(this::answerHub);
    content = server(this::answerContent);
  }

  private HttpServer server(HttpHandler handler) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            requests.add(
                new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders().getFirst("Authorization"),
                    exchange.getRequestHeaders().getFirst("Range")));
            handler.handle(exchange);
          }
        });
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return server;
  }

  /** The address. */
  public String endpoint() {
    return "http://127.0.0.1:" + hub.getAddress().getPort();
  }

  /** What is written. */
  HubWrites writes() {
    return writes;
  }

  /** Tokens lose their right to write, or get it back. */
  public void forbidWriting(boolean forbidden) {
    writes.forbid(forbidden);
  }

  /** The content of a file. */
  public byte[] contentOf(String name, String path) {
    return model(name).content(path);
  }

  /** The newest commit of a repository, and how many were made by what was written. */
  public String commitOf(String name) {
    return model(name).commit();
  }

  public int commitsOf(String name) {
    return model(name).commits();
  }

  /** The names of the files of a repository with a model or an adapter. */
  public Set<String> filesOf(String name) {
    return model(name).names();
  }

  ServedRepository model(String name) {
    return repositories.computeIfAbsent(
        "models/" + name, key -> new ServedRepository("models", name));
  }

  ServedRepository dataset(String name) {
    return repositories.computeIfAbsent(
        "datasets/" + name, key -> new ServedRepository("datasets", name));
  }

  void rename(String from, String to) {
    renamed.put("models/" + from, to);
  }

  /** Breaks the connection of the next answers with a file after so many bytes. */
  void cut(String path, int bytes) {
    cuts.put(path, bytes);
  }

  void forgetRanges() {
    knowsRanges = false;
  }

  /** Files begin and never end. */
  void stall() {
    stalls = true;
  }

  /** The next answers are the failure of a proxy. */
  void breakNext(int answers) {
    brokenAnswers.set(answers);
  }

  /** The next answer is that of a busy server. */
  void busyNext(int status, String retryAfter) {
    brokenAnswers.set(1);
    brokenStatus = status;
    this.retryAfter = retryAfter;
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  /** The port that files' content comes from. */
  int contentPort() {
    return content.getAddress().getPort();
  }

  private void answerHub(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    if (brokenAnswers.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      if (!retryAfter.isEmpty()) {
        exchange.getResponseHeaders().set("Retry-After", retryAfter);
      }
      HubAnswers.fail(exchange, brokenStatus, null, "not now");
      return;
    }
    if (exchange.getRequestMethod().equals("POST")) {
      writes.answer(exchange, endpoint(), contentPort());
      return;
    }
    Matcher resolve = RESOLVE.matcher(path);
    Matcher cache = CACHE.matcher(path);
    Matcher tree = TREE.matcher(path);
    Matcher info = INFO.matcher(path);
    if (cache.matches()) {
      ServedRepository repository = repositories.get(cache.group(1) + "/" + cache.group(2));
      byte[] bytes = repository == null ? null : repository.find(decoded(cache.group(4)));
      describe(exchange, Objects.requireNonNull(repository), Objects.requireNonNull(bytes), false);
      send(exchange, decoded(cache.group(4)), bytes);
    } else if (tree.matches()) {
      ServedRepository repository =
          find(exchange, tree.group(1), tree.group(2), tree.group(3), "/tree/");
      if (repository != null) {
        tree(exchange, repository, tree.group(4) == null ? "" : decoded(tree.group(4)));
      }
    } else if (resolve.matches()) {
      String kind = resolve.group(1) == null ? "models" : "datasets";
      ServedRepository repository =
          find(exchange, kind, resolve.group(2), resolve.group(3), "/resolve/");
      if (repository != null) {
        resolve(exchange, repository, decoded(resolve.group(4)));
      }
    } else if (info.matches()) {
      String revision = info.group(3) == null ? "main" : info.group(3);
      ServedRepository repository =
          find(exchange, info.group(1), info.group(2), revision, "/revision/");
      if (repository != null) {
        HubAnswers.json(exchange, repository.info(asks(exchange, "blobs=true")));
      }
    } else {
      HubAnswers.fail(exchange, 404, null, "Sorry, we can't find the page you are looking for.");
    }
  }

  private @Nullable ServedRepository find(
      HttpExchange exchange, String kind, String name, String revision, String what)
      throws IOException {
    String token = exchange.getRequestHeaders().getFirst("Authorization");
    boolean known = ("Bearer " + TOKEN).equals(token);
    if (token != null && !known && token.contains("expired")) {
      HubAnswers.fail(exchange, 401, null, "Invalid credentials in Authorization header");
      return null;
    }
    String moved = renamed.get(kind + "/" + name);
    if (moved != null) {
      exchange
          .getResponseHeaders()
          .set("Location", exchange.getRequestURI().toString().replace(name, moved));
      exchange.sendResponseHeaders(307, -1);
      return null;
    }
    ServedRepository repository = repositories.get(kind + "/" + name);
    if (repository == null || (repository.isHidden() && !known)) {
      if (token == null) {
        HubAnswers.fail(exchange, 401, "RepoNotFound", "Invalid username or password.");
      } else {
        HubAnswers.fail(exchange, 404, "RepoNotFound", "Repository not found");
      }
      return null;
    }
    String wanted = decoded(revision);
    if (!repository.knows(wanted)) {
      HubAnswers.fail(exchange, 404, "RevisionNotFound", "Invalid rev id: " + wanted);
      return null;
    }
    if (repository.isGated() && !known && !what.equals("/revision/")) {
      HubAnswers.fail(
          exchange,
          token == null ? 401 : 403,
          "GatedRepo",
          "Access to model %s is restricted.".formatted(name));
      return null;
    }
    return repository;
  }

  private static void tree(HttpExchange exchange, ServedRepository repository, String folder)
      throws IOException {
    ArrayNode entries = repository.tree(folder, asks(exchange, "recursive=true"));
    if (entries.isEmpty() && !folder.isEmpty()) {
      HubAnswers.fail(exchange, 404, "EntryNotFound", folder + " does not exist on this revision");
      return;
    }
    HubAnswers.json(exchange, entries);
  }

  private static boolean asks(HttpExchange exchange, String parameter) {
    return String.valueOf(exchange.getRequestURI().getQuery())
        .toLowerCase(Locale.ROOT)
        .contains(parameter);
  }

  private void resolve(HttpExchange exchange, ServedRepository repository, String path)
      throws IOException {
    byte[] bytes = repository.find(path);
    if (bytes == null) {
      HubAnswers.fail(exchange, 404, "EntryNotFound", "Entry not found");
      return;
    }
    boolean large = ServedRepository.isLarge(path);
    describe(exchange, repository, bytes, large);
    String encoded = Urls.encodePath(path);
    exchange
        .getResponseHeaders()
        .set(
            "Location",
            large
                ? "http://localhost:%d/%s?X-Amz-Signature=%s&key=%s"
                    .formatted(
                        contentPort(),
                        ServedRepository.sha256(bytes),
                        "0123",
                        Urls.encode(repository.key(path)))
                : "/api/resolve-cache/%s/%s/%s/%s"
                    .formatted(repository.kind(), repository.name(), repository.commit(), encoded));
    exchange.sendResponseHeaders(large ? 302 : 307, -1);
  }

  private static void describe(
      HttpExchange exchange, ServedRepository repository, byte[] bytes, boolean large) {
    exchange.getResponseHeaders().set("X-Repo-Commit", repository.commit());
    String etag = large ? ServedRepository.sha256(bytes) : ServedRepository.blob(bytes, false);
    if (large) {
      exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(bytes.length));
      exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + etag + "\"");
    }
    exchange.getResponseHeaders().set("ETag", "\"" + etag + "\"");
  }

  private void answerContent(HttpExchange exchange) throws IOException {
    if (exchange.getRequestMethod().equals("PUT")) {
      writes.put(exchange);
      return;
    }
    String key = exchange.getRequestURI().getQuery().replaceFirst(".*key=", "");
    String[] parts = key.split("//", 2);
    byte[] bytes = Objects.requireNonNull(repositories.get(parts[0])).find(parts[1]);
    send(exchange, parts[1], Objects.requireNonNull(bytes));
  }

  private void send(HttpExchange exchange, String path, byte[] bytes) throws IOException {
    String range = knowsRanges ? exchange.getRequestHeaders().getFirst("Range") : null;
    int from = 0;
    int to = bytes.length;
    if (range != null) {
      Matcher parsed = Pattern.compile("bytes=(\\d+)-(\\d*)").matcher(range);
      if (!parsed.matches() || Integer.parseInt(parsed.group(1)) >= bytes.length) {
        exchange.getResponseHeaders().set("Content-Range", "bytes */" + bytes.length);
        exchange.sendResponseHeaders(416, -1);
        return;
      }
      from = Integer.parseInt(parsed.group(1));
      to = parsed.group(2).isEmpty() ? to : Math.min(to, Integer.parseInt(parsed.group(2)) + 1);
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, bytes.length));
    }
    exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(to - from));
      exchange.sendResponseHeaders(range == null ? 200 : 206, -1);
      return;
    }
    exchange.sendResponseHeaders(range == null ? 200 : 206, to == from ? -1 : to - from);
    Integer cut = cuts.remove(path);
    try (OutputStream out = exchange.getResponseBody()) {
      if (stalls) {
        out.write(bytes, from, 1);
        out.flush();
        closed.await();
      }
      out.write(bytes, from, cut == null ? to - from : Math.min(cut, to - from));
      out.flush();
      if (cut != null) {
        throw new IOException("cut");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String decoded(String path) {
    return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    closed.countDown();
    hub.stop(0);
    content.stop(0);
  }
}
