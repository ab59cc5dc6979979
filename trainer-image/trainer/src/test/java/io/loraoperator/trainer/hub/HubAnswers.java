package io.loraoperator.trainer.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The hub's answers: JSON, and errors as its clients read them. */
final class HubAnswers {

  private static final ObjectMapper JSON = new ObjectMapper();

  private HubAnswers() {}

  static void json(HttpExchange exchange, Object value) throws IOException {
    answer(exchange, 200, value);
  }

  static void answer(HttpExchange exchange, int status, Object value) throws IOException {
    byte[] body = JSON.writeValueAsBytes(value);
    exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  static void fail(HttpExchange exchange, int status, @Nullable String code, String message)
      throws IOException {
    if (code != null) {
      exchange.getResponseHeaders().set("X-Error-Code", code);
    }
    exchange.getResponseHeaders().set("X-Error-Message", message);
    byte[] body = JSON.writeValueAsBytes(Map.of("error", message));
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }
}
