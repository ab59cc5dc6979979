package io.loraoperator.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers a registry's authentication challenge: Basic, or the token scheme that most registries
 * speak (a Bearer token fetched from the realm that the challenge names).
 */
final class RegistryCredentials {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  private final String host;
  private final @Nullable String basic;

  /**
   * @param basic user and password as {@code base64(user:password)}; null for anonymous access
   */
  RegistryCredentials(String host, @Nullable String basic) {
    this.host = host;
    this.basic = basic;
  }

  /** What {@code docker login}, {@code podman login} and others stored for this host. */
  static RegistryCredentials ofDockerConfiguration(String host) throws IOException {
    String folder = System.getenv("DOCKER_CONFIG");
    Path file =
        folder == null || folder.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".docker", "config.json")
            : Path.of(folder, "config.json");
    if (!Files.exists(file)) {
      return new RegistryCredentials(host, null);
    }
    JsonNode entry = JSON.readTree(file.toFile()).path("auths").path(host).path("auth");
    return new RegistryCredentials(host, entry.isTextual() ? entry.asText() : null);
  }

  /** The value of the Authorization header that answers this challenge. */
  String answer(String challenge, HttpClient http) throws IOException, InterruptedException {
    if (challenge.regionMatches(true, 0, "Basic", 0, 5)) {
      if (basic == null) {
        throw new ImageBuildException(
            host + " wants a user and a password; log in with: docker login " + host);
      }
      return "Basic " + basic;
    }
    Map<String, String> parameters = new HashMap<>();
    Matcher matcher = PARAMETER.matcher(challenge);
    while (matcher.find()) {
      parameters.put(matcher.group(1), matcher.group(2));
    }
    String realm = parameters.remove("realm");
    if (!challenge.regionMatches(true, 0, "Bearer", 0, 6) || realm == null) {
      throw new ImageBuildException(
          host + " asks for an authentication that is not supported: " + challenge);
    }
    StringBuilder query = new StringBuilder();
    for (String name : new String[] {"service", "scope"}) {
      String value = parameters.get(name);
      if (value != null) {
        query.append(query.isEmpty() ? "?" : "&").append(name).append('=').append(encoded(value));
      }
    }
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(realm + query));
    if (basic != null) {
      request.header("Authorization", "Basic " + basic);
    }
    HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new ImageBuildException(
          "%s refused a token for %s: status %d; log in with: docker login %s"
              .formatted(realm, host, response.statusCode(), host));
    }
    JsonNode body = JSON.readTree(response.body());
    String token = body.path("token").asText(body.path("access_token").asText());
    return "Bearer " + token;
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
