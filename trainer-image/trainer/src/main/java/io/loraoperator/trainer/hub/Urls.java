package io.loraoperator.trainer.hub;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Percent-encoding of parts of addresses. */
final class Urls {

  private Urls() {}

  /** One segment: slashes are encoded, too. */
  static String encode(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Segments between slashes. */
  static String encodePath(String path) {
    return Arrays.stream(path.split("/", -1)).map(Urls::encode).collect(Collectors.joining("/"));
  }
}
