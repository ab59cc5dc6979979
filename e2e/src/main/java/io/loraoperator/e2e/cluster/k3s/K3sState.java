package io.loraoperator.e2e.cluster.k3s;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.loraoperator.e2e.cluster.CacheDirectory;
import io.loraoperator.e2e.cluster.ClusterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What later calls must know of a running cluster.
 *
 * @param node the id of K3s' container
 * @param s3Url MinIO as this machine reaches it
 */
record K3sState(String name, int gpus, String node, String s3Url, String s3SecretKey) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The cluster's folder in the cache; its path tells the containers of two caches apart. */
  static Path folder(CacheDirectory cache, String name) {
    return cache.path().resolve("k3s").resolve(name);
  }

  static Path kubeconfig(Path folder) {
    return folder.resolve("kubeconfig");
  }

  K3sState withGpus(int count) {
    return new K3sState(name, count, node, s3Url, s3SecretKey);
  }

  void write(Path folder) {
    try {
      Files.write(
          folder.resolve("cluster.json"),
          JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write to " + folder, failure);
    }
  }

  static Optional<K3sState> read(Path folder) {
    Path file = folder.resolve("cluster.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(file.toFile(), K3sState.class));
    } catch (IOException unreadable) {
      throw new ClusterException(
          file + ": not a cluster's state; run `e2e/cluster down` for this name", unreadable);
    }
  }
}
