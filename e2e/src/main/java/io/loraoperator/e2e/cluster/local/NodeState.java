package io.loraoperator.e2e.cluster.local;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.loraoperator.e2e.cluster.ClusterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What later calls must know of a running cluster.
 *
 * @param binaries the cache folders of its programs, one a line; differs after an upgrade
 */
record NodeState(String name, int gpus, NodeLink link, String s3SecretKey, String binaries) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  NodeState withGpus(int count) {
    return new NodeState(name, count, link, s3SecretKey, binaries);
  }

  void write(Path file) {
    try {
      Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write " + file, failure);
    }
  }

  static Optional<NodeState> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(file.toFile(), NodeState.class));
    } catch (IOException unreadable) {
      throw new ClusterException(
          file + ": not a cluster's state; run `e2e/cluster down` for this name", unreadable);
    }
  }
}
