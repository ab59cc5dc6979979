package io.loraoperator.trainer.hub;

import io.loraoperator.contract.ContractJson;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StorageException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/**
 * What the hub's answers and the network's failures mean for a user.
 *
 * @see <a href="https://huggingface.co/docs/huggingface_hub/package_reference/utilities">the errors
 *     of the hub's own client</a>
 */
final class HubErrors {

  private static final String WRONG_TOKEN = "Invalid credentials in Authorization header";

  private HubErrors() {}

  /** A status that is no success. */
  static StorageException answered(
      HubRepository repository, boolean withToken, int status, HttpHeaders headers) {
    String code = headers.firstValue("X-Error-Code").orElse("");
    String message = headers.firstValue("X-Error-Message").orElse("");
    String saying = message.isEmpty() ? "HTTP " + status : "HTTP %d: %s".formatted(status, message);
    if (code.equals("RevisionNotFound")) {
      return new StorageException(
          Kind.NOT_FOUND,
          "%s: the repository has no revision %s (%s)"
              .formatted(repository, repository.revision(), saying),
          null);
    }
    if (code.equals("GatedRepo")) {
      return denied(
          repository,
          "is gated: accept its conditions on its page, and "
              + (withToken
                  ? "see that the token may read gated repositories"
                  : "give a token with tokenSecretName"),
          saying);
    }
    if (message.equals(WRONG_TOKEN)) {
      return denied(repository, "the token is not valid any more, or never was", saying);
    }
    // The hub does not tell strangers what is private from what is not there.
    if (code.equals("RepoNotFound") || (status == 404 && code.isEmpty())) {
      return new StorageException(
          Kind.NOT_FOUND,
          "%s: there is no such repository, or it is private and %s (%s)"
              .formatted(
                  repository,
                  withToken ? "the token may not read it" : "no token is given (tokenSecretName)",
                  saying),
          null);
    }
    return switch (status) {
      case 401, 403 ->
          denied(
              repository,
              withToken ? "the token may not read it" : "it needs a token (tokenSecretName)",
              saying);
      case 404 ->
          new StorageException(
              Kind.NOT_FOUND, "%s: there is no such file (%s)".formatted(repository, saying), null);
      default -> unavailable(repository, saying, headers);
    };
  }

  /** What may pass; busy servers say when ({@code Retry-After} in seconds, RFC 9110). */
  private static StorageException unavailable(
      HubRepository repository, String saying, HttpHeaders headers) {
    String seconds = headers.firstValue("Retry-After").orElse("");
    Duration retryAfter =
        seconds.matches("\\d{1,9}") ? Duration.ofSeconds(Long.parseLong(seconds)) : Duration.ZERO;
    return new StorageException("%s: the hub answers %s".formatted(repository, saying), retryAfter);
  }

  /** A status that is no success, to something that was to be written. */
  static StorageException refused(
      HubRepository repository, boolean withToken, HttpResponse<byte[]> response) {
    HttpHeaders headers = response.headers();
    String message = headers.firstValue("X-Error-Message").orElseGet(() -> error(response.body()));
    String saying =
        "HTTP %d%s".formatted(response.statusCode(), message.isEmpty() ? "" : ": " + message);
    if (message.equals(WRONG_TOKEN)) {
      return denied(repository, "the token is not valid any more, or never was", saying);
    }
    return switch (response.statusCode()) {
      case 401, 402, 403, 404 ->
          denied(
              repository,
              withToken
                  ? "the token may not write there, or the owner does not exist"
                  : "writing needs a token",
              saying);
      default -> unavailable(repository, saying, headers);
    };
  }

  /** What the hub says in its answer's body. */
  private static String error(byte[] body) {
    try {
      return ContractJson.readTree(new String(body, StandardCharsets.UTF_8)).path("error").asText();
    } catch (IOException e) {
      return "";
    }
  }

  private static StorageException denied(HubRepository repository, String why, String saying) {
    return new StorageException(
        Kind.ACCESS_DENIED,
        "%s: access is denied: %s (%s)".formatted(repository, why, saying),
        null);
  }

  /** No answer at all, or half of one. */
  static StorageException unreachable(HubRepository repository, String host, Throwable thrown) {
    List<Throwable> causes = Stream.iterate(thrown, Objects::nonNull, Throwable::getCause).toList();
    String problem =
        causes.reversed().stream()
            .flatMap(cause -> known(host, cause).stream())
            .findFirst()
            .orElseGet(() -> "%s: %s".formatted(host, causes.getLast()));
    return new StorageException(Kind.UNAVAILABLE, repository + ": " + problem, thrown);
  }

  private static Optional<String> known(String host, Throwable cause) {
    return switch (cause) {
      case UnresolvedAddressException e ->
          Optional.of("the name %s cannot be resolved".formatted(host));
      case ConnectException e -> Optional.of("%s refuses connections".formatted(host));
      case HttpTimeoutException e -> Optional.of("%s does not answer in time".formatted(host));
      case SSLException e ->
          Optional.of(
              "the certificate of %s is not trusted or its TLS is broken (%s)"
                  .formatted(host, e.getMessage()));
      case FileSystemException e ->
          Optional.of("the file on this machine cannot be used: " + e.getMessage());
      default -> Optional.empty();
    };
  }
}
