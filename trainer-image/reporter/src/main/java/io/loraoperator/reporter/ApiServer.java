package io.loraoperator.reporter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.reporter.ReporterConfig.Target;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Writes the status of one object (Kubernetes API: server-side apply on the {@code status}
 * sub-resource). The JDK's own HTTP client is used since a whole Kubernetes client would need twice
 * the memory for this one request; see docs/adr.
 */
final class ApiServer {
  /** Owns the reporter's fields; the operator has a manager of its own. */
  static final String FIELD_MANAGER = "lora-reporter";

  private static final String APPLY = "application/apply-patch+yaml";
  private static final String MERGE = "application/merge-patch+json";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final int CONFLICT = 409;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI status;
  private final Target target;
  private final Path credentials;
  private @Nullable HttpClient http;

  ApiServer(ReporterConfig config) {
    this.target = config.target();
    this.credentials = config.credentials();
    this.status =
        config
            .apiServer()
            .resolve(
                "/apis/%s/namespaces/%s/lorafinetunes/%s/status"
                    .formatted(StatusPatch.API_VERSION, target.namespace(), target.name()));
  }

  /** Applies the reporter's part of the status. */
  Answer apply(ObjectNode document) throws InterruptedException {
    return patch(APPLY, "?force=true&fieldManager=" + FIELD_MANAGER, document);
  }

  /**
   * Reads the object. The reporter may only patch, so this is a patch that changes nothing, as a
   * dry run.
   */
  Answer read() throws InterruptedException {
    return patch(MERGE, "?dryRun=All&fieldManager=" + FIELD_MANAGER, StatusPatch.identity(target));
  }

  private Answer patch(String type, String query, ObjectNode document) throws InterruptedException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(status + query))
              .timeout(REQUEST_TIMEOUT)
              .header("Authorization", "Bearer " + token())
              .header("Content-Type", type)
              .header("Accept", "application/json")
              .method("PATCH", BodyPublishers.ofByteArray(JSON.writeValueAsBytes(document)))
              .build();
      return answer(client().send(request, BodyHandlers.ofByteArray()));
    } catch (IOException e) {
      String words = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      return new Answer.Unavailable(status.getAuthority() + ": " + words, null);
    }
  }

  /** The kubelet renews the token in its file long before it expires, so it is read every time. */
  private String token() throws IOException {
    return Files.readString(credentials.resolve("token")).strip();
  }

  private HttpClient client() throws IOException {
    HttpClient client = http;
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(CONNECT_TIMEOUT)
              .proxy(HttpClient.Builder.NO_PROXY)
              .sslContext(ClusterAuthority.trusting(credentials.resolve("ca.crt")))
              .build();
      http = client;
    }
    return client;
  }

  /**
   * The API server compares {@code metadata.uid} for an object, but not for the status of a custom
   * resource (seen with 1.35), so the answer is looked at as well.
   */
  private Answer answer(HttpResponse<byte[]> response) {
    int code = response.statusCode();
    if (code / 100 == 2) {
      JsonNode object = json(response);
      String uid = object.at("/metadata/uid").asText();
      return uid.equals(target.uid())
          ? new Answer.Applied(object)
          : new Answer.Refused(
              CONFLICT,
              "the object of that name has uid %s by now, not %s".formatted(uid, target.uid()));
    }
    String problem = "status %d %s".formatted(code, json(response).path("message").asText());
    return switch (code) {
      case 400, 403, 404, 405, 409, 415, 422 -> new Answer.Refused(code, problem);
      default -> new Answer.Unavailable(problem, retryAfter(response));
    };
  }

  private static JsonNode json(HttpResponse<byte[]> response) {
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      // A proxy's error page: the status code says enough.
      return MissingNode.getInstance();
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory does not fail", e);
    }
  }

  private static @Nullable Duration retryAfter(HttpResponse<byte[]> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(value -> value.matches("\\d{1,4}"))
        .map(value -> Duration.ofSeconds(Long.parseLong(value)))
        .orElse(null);
  }
}
