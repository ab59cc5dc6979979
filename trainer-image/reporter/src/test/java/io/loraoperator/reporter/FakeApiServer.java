package io.loraoperator.reporter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * The one endpoint of an API server that the reporter speaks to, over TLS with an authority of its
 * own; it notes what it is sent and answers as told. What a real server makes of the patches is
 * tested on a real cluster.
 */
final class FakeApiServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final char[] PASSWORD = "changeit".toCharArray();

  /** One request. */
  record Request(String path, String query, String type, String authorization, JsonNode body) {
    boolean isRead() {
      return query.contains("dryRun=All");
    }
  }

  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Queue<Integer> failures = new ArrayDeque<>();
  private final Path credentials;
  private final HttpsServer server;
  private volatile ObjectNode object = JSON.createObjectNode();
  private volatile boolean recreated;

  /** Starts, and writes token and ca.crt into the folder; an authority there is used again. */
  FakeApiServer(Path credentials)
      throws IOException, GeneralSecurityException, InterruptedException {
    this.credentials = credentials;
    Path store = credentials.resolve("server.p12");
    if (!Files.exists(store)) {
      keytool(
          "-genkeypair",
          "-alias",
          "server",
          "-keyalg",
          "EC",
          "-dname",
          "CN=localhost",
          "-ext",
          "san=ip:127.0.0.1",
          "-storetype",
          "PKCS12",
          "-keystore",
          store.toString(),
          "-storepass",
          new String(PASSWORD));
      keytool(
          "-exportcert",
          "-rfc",
          "-alias",
          "server",
          "-keystore",
          store.toString(),
          "-storepass",
          new String(PASSWORD),
          "-file",
          credentials.resolve("ca.crt").toString());
    }
    token("first-token");
    object("{}");
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(store)));
    server.createContext("/", this::answer);
    server.start();
  }

  Path credentials() {
    return credentials;
  }

  URI uri() {
    return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
  }

  void token(String token) throws IOException {
    Files.writeString(credentials.resolve("token"), token + "\n");
  }

  /** What the object is when it is read. */
  void object(String json) throws IOException {
    ObjectNode changed = (ObjectNode) JSON.readTree(json);
    if (!changed.has("metadata")) {
      changed.putObject("metadata").put("uid", "uid-1");
    }
    object = changed;
  }

  /** From now on the object of that name is another one. */
  void recreate() {
    recreated = true;
  }

  /** The next requests fail with these status codes. */
  void failNext(int... codes) {
    synchronized (failures) {
      for (int code : codes) {
        failures.add(code);
      }
    }
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  /** The applied patches, oldest first. */
  List<JsonNode> applied() {
    return requests.stream().filter(r -> !r.isRead()).map(Request::body).toList();
  }

  JsonNode lastApplied() {
    return applied().getLast();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Integer failure;
      synchronized (failures) {
        failure = failures.poll();
      }
      JsonNode body = JSON.readTree(exchange.getRequestBody());
      if (failure != null) {
        respond(exchange, failure, "{\"kind\":\"Status\",\"message\":\"told to fail\"}");
        return;
      }
      URI uri = exchange.getRequestURI();
      requests.add(
          new Request(
              uri.getPath(),
              uri.getQuery(),
              exchange.getRequestHeaders().getFirst("Content-Type"),
              exchange.getRequestHeaders().getFirst("Authorization"),
              body));
      JsonNode answer = (uri.getQuery().contains("dryRun") ? object : body).deepCopy();
      if (recreated) {
        answer.withObject("/metadata").put("uid", "uid-2");
      }
      respond(exchange, 200, answer.toString());
    }
  }

  private static void respond(HttpExchange exchange, int code, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static SSLContext context(Path store) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static void keytool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("keytool: " + output);
    }
  }
}
