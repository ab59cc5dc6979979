package io.loraoperator.reporter;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/** {@code /metrics} and {@code /healthz}. */
final class Endpoints implements AutoCloseable {
  private final HttpServer server;

  private Endpoints(HttpServer server) {
    this.server = server;
  }

  /**
   * Starts to listen.
   *
   * @param alive what {@code /healthz} answers by
   */
  static Endpoints start(int port, ReporterMetrics metrics, BooleanSupplier alive)
      throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
    server.createContext(
        "/metrics",
        exchange -> respond(exchange, 200, ReporterMetrics.CONTENT_TYPE, metrics.text()));
    server.createContext(
        "/healthz",
        exchange -> {
          boolean ok = alive.getAsBoolean();
          String text = ok ? "ok\n" : "the reporting loop does not turn\n";
          respond(exchange, ok ? 200 : 503, "text/plain; charset=utf-8", text);
        });
    server.start();
    return new Endpoints(server);
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private static void respond(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
