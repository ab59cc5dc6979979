package io.loraoperator.operator.check;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.contract.PodPaths;
import io.loraoperator.contract.Source;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Storage is reached only where the administrator allows it. */
final class EndpointRule implements Consumer<FineTuneSpec> {

  /** What an S3 source without an endpoint means. */
  private static final String AWS = "https://s3.amazonaws.com";

  /** What a source on the Hugging Face hub without an endpoint means. */
  private static final String HUB = "https://huggingface.co";

  private final Set<String> allowed;

  EndpointRule(List<String> allowedEndpoints) {
    this.allowed =
        allowedEndpoints.stream()
            .map(EndpointRule::normalised)
            .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public void accept(FineTuneSpec spec) {
    if (allowed.isEmpty()) {
      return;
    }
    for (NamedSource named : NamedSource.of(spec)) {
      switch (named.source()) {
        case Source.S3 s3 ->
            check(named.path() + ".s3", Objects.requireNonNullElse(s3.endpoint(), AWS));
        case Source.HuggingFace hub ->
            check(
                named.role() == PodPaths.Role.PUSH ? named.path() : named.path() + ".huggingFace",
                Objects.requireNonNullElse(hub.endpoint(), HUB));
        default -> {}
      }
    }
  }

  private void check(String source, String endpoint) {
    if (!allowed.contains(normalised(endpoint))) {
      throw new InvalidSpecException(
          "spec." + source + ".endpoint",
          "the administrator does not allow the storage endpoint " + endpoint,
          "use one of: " + String.join(", ", allowed.stream().sorted().toList()));
    }
  }

  /** Scheme, host and port, as endpoints differ in nothing else. */
  private static String normalised(String endpoint) {
    URI uri = URI.create(endpoint.strip());
    if (uri.getScheme() == null || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "not an endpoint: '%s'; write it as https://host:port".formatted(endpoint));
    }
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    int standard = scheme.equals("https") ? 443 : 80;
    int port = uri.getPort() < 0 ? standard : uri.getPort();
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    return port == standard ? scheme + "://" + host : scheme + "://" + host + ":" + port;
  }
}
