package io.loraoperator.image;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a container of an image starts.
 *
 * @param entrypoint the command; a Pod's {@code args} are appended
 * @param environment variables by name
 * @param labels OCI labels by name
 */
record ImageConfiguration(
    List<String> entrypoint, Map<String, String> environment, Map<String, String> labels) {

  ImageConfiguration {
    entrypoint = List.copyOf(entrypoint);
    environment = new TreeMap<>(environment);
    labels = new TreeMap<>(labels);
  }
}
