package io.loraoperator.trainer.hub;

import io.loraoperator.trainer.Version;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StorageException.Kind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests that follow redirects without taking the token along to other servers, and that end when
 * no byte comes any more.
 */
final class HubHttp implements AutoCloseable {

  /** From a renamed repository to its new name, from there to the server that holds the file. */
  private static final int MOST_REDIRECTS = 5;

  private static final Set<Integer> KEEPS_METHOD = Set.of(307, 308);

  /** The answer to a range that the file does not have. */
  static final int RANGE_NOT_SATISFIABLE = 416;

  private final HttpClient client;
  private final HubAccess access;
  private final URI endpoint;

  HubHttp(HubAccess access) {
    this.access = access;
    this.endpoint = URI.create(access.endpoint());
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(access.patience())
            .build();
  }

  /** The address of what follows the endpoint. */
  URI at(String path) {
    return URI.create(access.endpoint() + path);
  }

  /**
   * Sends a request and follows redirects.
   *
   * @param range the first byte that is wanted; 0 for all
   * @param received how many bytes have come so far
   * @throws StorageException unless the answer is a success, or says that there is no such range
   */
  <T> HttpResponse<T> get(
      HubRepository repository,
      URI uri,
      String method,
      long range,
      BodyHandler<T> body,
      LongSupplier received) {
    URI next = uri;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      HttpResponse<T> response = await(repository, request(next, method, range), body, received);
      int status = response.statusCode();
      if (status < 300 || (status == RANGE_NOT_SATISFIABLE && range > 0)) {
        return response;
      }
      String location = response.headers().firstValue("Location").orElse(null);
      if (status >= 400 || location == null) {
        throw HubErrors.answered(repository, access.token() != null, status, response.headers());
      }
      // The hub says of a file what it is before it sends one elsewhere for its content.
      if (method.equals("HEAD") && response.headers().firstValue("X-Linked-Etag").isPresent()) {
        return response;
      }
      next = redirected(repository, next, location);
    }
    throw new StorageException(
        Kind.UNAVAILABLE, repository + ": the hub redirects without an end", null);
  }

  /**
   * Sends content and follows redirects that keep the method, as those of a renamed repository.
   *
   * @return the answer, whatever it says
   */
  HttpResponse<byte[]> send(HubRepository repository, URI uri, String method, HubContent content) {
    URI next = uri;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      HttpRequest.Builder request = common(next).method(method, content.body());
      content.headers().forEach(request::setHeader);
      HttpResponse<byte[]> response =
          await(repository, request.build(), BodyHandlers.ofByteArray(), content.sent()::get);
      String location = response.headers().firstValue("Location").orElse(null);
      if (!KEEPS_METHOD.contains(response.statusCode()) || location == null) {
        return response;
      }
      next = redirected(repository, next, location);
    }
    throw new StorageException(
        Kind.UNAVAILABLE, repository + ": the hub redirects without an end", null);
  }

  /** An address that the hub names, as it were that of a redirect. */
  URI resolved(HubRepository repository, String address) {
    return redirected(repository, endpoint, address);
  }

  private static URI redirected(HubRepository repository, URI from, String location) {
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new StorageException(
          Kind.UNAVAILABLE, "%s: the hub redirects to '%s'".formatted(repository, location), e);
    }
    boolean secure = "https".equals(to.getScheme());
    boolean asSecure = "http".equals(to.getScheme()) && "http".equals(from.getScheme());
    if (!(secure || asSecure) || to.getHost() == null) {
      throw new StorageException(
          Kind.UNAVAILABLE,
          "%s: the hub redirects from %s to %s, which is not followed"
              .formatted(repository, from.getScheme() + "://" + from.getHost(), location),
          null);
    }
    return to;
  }

  private HttpRequest request(URI uri, String method, long range) {
    HttpRequest.Builder request =
        common(uri).method(method, HttpRequest.BodyPublishers.noBody()).timeout(access.patience());
    if (range > 0) {
      request.header("Range", "bytes=%d-".formatted(range));
    }
    return request.build();
  }

  private HttpRequest.Builder common(URI uri) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("User-Agent", "lora-trainer/" + Version.current())
            .header("Accept-Encoding", "identity");
    String token = token(uri);
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return request;
  }

  /** The token is for the endpoint alone; files lie on servers of others. */
  private @Nullable String token(URI uri) {
    boolean same =
        Objects.equals(uri.getScheme(), endpoint.getScheme())
            && uri.getHost().equalsIgnoreCase(endpoint.getHost())
            && uri.getPort() == endpoint.getPort();
    return same ? access.token() : null;
  }

  /** The client's own time limit ends with the headers, so the body is watched here. */
  private <T> HttpResponse<T> await(
      HubRepository repository, HttpRequest request, BodyHandler<T> body, LongSupplier received) {
    CompletableFuture<HttpResponse<T>> answer = client.sendAsync(request, body);
    Duration patience = access.patience();
    String host = request.uri().getHost();
    long before = received.getAsLong();
    while (true) {
      try {
        return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        long now = received.getAsLong();
        if (now == before) {
          answer.cancel(true);
          throw new StorageException(
              Kind.UNAVAILABLE,
              "%s: no byte came from %s for %d s".formatted(repository, host, patience.toSeconds()),
              e);
        }
        before = now;
      } catch (ExecutionException e) {
        throw HubErrors.unreachable(repository, host, e);
      } catch (InterruptedException e) {
        answer.cancel(true);
        Thread.currentThread().interrupt();
        throw HubErrors.unreachable(repository, host, e);
      }
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
