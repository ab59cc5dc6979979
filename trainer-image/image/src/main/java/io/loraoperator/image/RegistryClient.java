package io.loraoperator.image;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Pushes images to a registry (OCI distribution specification 1.1: blobs by monolithic upload, then
 * the manifest). What is pushed is what was built, byte for byte, so digests stay. Blobs that the
 * registry has already are not sent.
 */
final class RegistryClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(10);

  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT_TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final URI registry;
  private final String repository;
  private final RegistryCredentials credentials;
  private @Nullable String authorization;

  private RegistryClient(URI registry, String repository, RegistryCredentials credentials) {
    this.registry = registry;
    this.repository = repository;
    this.credentials = credentials;
  }

  /**
   * A client for an image's registry. As with other tools, a registry on this machine is spoken to
   * without TLS and every other one with it; user and password come from Docker's configuration.
   */
  static RegistryClient forReference(String reference) throws IOException {
    int slash = reference.indexOf('/');
    if (slash < 0) {
      throw new ImageBuildException(
          "'" + reference + "' names no registry; give one as registry.example/path");
    }
    String host = reference.substring(0, slash);
    String path = reference.substring(slash + 1, reference.lastIndexOf(':'));
    boolean local = host.matches("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d+)?");
    return new RegistryClient(
        URI.create((local ? "http://" : "https://") + host),
        path,
        RegistryCredentials.ofDockerConfiguration(host));
  }

  /** Uploads configuration and layers, then the manifest under the image's tag. */
  void push(BuiltImage image) throws IOException, InterruptedException {
    for (Layer layer : image.layers()) {
      pushBlob(layer.digest(), file(layer.file()));
    }
    OciImage documents = image.image();
    pushBlob(documents.configDigest(), BodyPublishers.ofByteArray(documents.config()));
    String tag = image.reference().substring(image.reference().lastIndexOf(':') + 1);
    HttpResponse<String> response =
        send(
            request("manifests/" + tag)
                .header("Content-Type", OciImage.MANIFEST_TYPE)
                .PUT(BodyPublishers.ofByteArray(documents.manifest())));
    require(response, 201, "store the manifest of " + image.reference());
  }

  private void pushBlob(String digest, BodyPublisher content)
      throws IOException, InterruptedException {
    HttpResponse<String> present =
        send(request("blobs/" + digest).method("HEAD", BodyPublishers.noBody()));
    if (present.statusCode() == 200) {
      return;
    }
    HttpResponse<String> started = send(request("blobs/uploads/").POST(BodyPublishers.noBody()));
    require(started, 202, "start the upload of " + digest);
    String location =
        started
            .headers()
            .firstValue("Location")
            .orElseThrow(() -> new ImageBuildException(registry + " gave no upload location"));
    String separator = location.contains("?") ? "&" : "?";
    URI target = started.uri().resolve(location + separator + "digest=" + digest);
    HttpResponse<String> stored =
        send(
            HttpRequest.newBuilder(target)
                .header("Content-Type", "application/octet-stream")
                .PUT(content));
    require(stored, 201, "store the blob " + digest);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(registry.resolve("/v2/" + repository + "/" + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    request.timeout(REQUEST_TIMEOUT);
    if (authorization != null) {
      request.setHeader("Authorization", authorization);
    }
    HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
    if (response.statusCode() != 401) {
      return response;
    }
    String challenge = response.headers().firstValue("WWW-Authenticate").orElse("");
    authorization = credentials.answer(challenge, http);
    request.setHeader("Authorization", authorization);
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private void require(HttpResponse<String> response, int status, String action) {
    if (response.statusCode() != status) {
      String remedy =
          response.statusCode() == 401 || response.statusCode() == 403
              ? "; log in first, for example with: docker login " + registry.getAuthority()
              : "";
      throw new ImageBuildException(
          "%s would not %s: status %d %s%s"
              .formatted(registry, action, response.statusCode(), response.body().strip(), remedy));
    }
  }

  private static BodyPublisher file(Path file) throws IOException {
    return BodyPublishers.ofFile(file);
  }
}
