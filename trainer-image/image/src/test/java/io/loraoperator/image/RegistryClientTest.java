package io.loraoperator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against a server that speaks the part of the distribution protocol that it uses. */
class RegistryClientTest {
  private final Map<String, byte[]> stored = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private boolean tokenWanted;
  private boolean readOnly;
  private HttpServer server;

  @TempDir private Path folder;

  RegistryClientTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void start() {
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void storesLayersConfigurationAndManifest() throws Exception {
    BuiltImage image = image();

    RegistryClient.forReference(image.reference()).push(image);

    assertThat(stored.get("/v2/team/reporter/manifests/1.0")).isEqualTo(image.image().manifest());
    assertThat(stored)
        .containsKeys(
            blob(image.image().configDigest()),
            blob(image.layers().get(0).digest()),
            blob(image.layers().get(1).digest()));
  }

  @Test
  void sendsNoBlobThatIsThereAlready() throws Exception {
    BuiltImage image = image();
    RegistryClient.forReference(image.reference()).push(image);
    requests.clear();

    RegistryClient.forReference(image.reference()).push(image);

    assertThat(requests).noneMatch(request -> request.startsWith("POST"));
    assertThat(requests).contains("PUT /v2/team/reporter/manifests/1.0");
  }

  @Test
  void fetchesATokenWhenTheRegistryWantsOne() throws Exception {
    tokenWanted = true;
    BuiltImage image = image();

    RegistryClient.forReference(image.reference()).push(image);

    assertThat(stored).containsKey("/v2/team/reporter/manifests/1.0");
    assertThat(requests)
        .contains("GET /token?service=registry&scope=repository%3Ateam%2Freporter%3Apush%2Cpull");
  }

  @Test
  void namesTheRegistryAndTheRemedyWhenRefused() throws Exception {
    readOnly = true;
    BuiltImage image = image();
    RegistryClient client = RegistryClient.forReference(image.reference());

    assertThatThrownBy(() -> client.push(image))
        .isInstanceOf(ImageBuildException.class)
        .hasMessageContaining("status 403")
        .hasMessageContaining("docker login localhost:" + server.getAddress().getPort());
  }

  private BuiltImage image() throws IOException {
    return TestImages.image(
        folder, "localhost:%d/team/reporter:1.0".formatted(server.getAddress().getPort()));
  }

  private static String blob(String digest) {
    return "/v2/team/reporter/blobs/" + digest;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String method = exchange.getRequestMethod();
      byte[] body = exchange.getRequestBody().readAllBytes();
      requests.add(method + " " + exchange.getRequestURI());
      if (path.equals("/token")) {
        respond(exchange, 200, "{\"token\":\"secret\"}");
      } else if (tokenWanted
          && !"Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        exchange
            .getResponseHeaders()
            .set(
                "WWW-Authenticate",
                "Bearer realm=\"http://localhost:%d/token\",service=\"registry\",scope=\"repository:team/reporter:push,pull\""
                    .formatted(server.getAddress().getPort()));
        respond(exchange, 401, "");
      } else if (method.equals("HEAD")) {
        exchange.sendResponseHeaders(stored.containsKey(path) ? 200 : 404, -1);
      } else if (readOnly) {
        respond(exchange, 403, "denied");
      } else if (method.equals("POST")) {
        exchange.getResponseHeaders().set("Location", path + "session?state=1");
        respond(exchange, 202, "");
      } else {
        String query = exchange.getRequestURI().getQuery();
        String digest = query == null ? "" : query.substring(query.indexOf("digest=") + 7);
        stored.put(digest.isEmpty() ? path : blob(digest), body);
        respond(exchange, 201, "");
      }
    }
  }

  private static void respond(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }
}
