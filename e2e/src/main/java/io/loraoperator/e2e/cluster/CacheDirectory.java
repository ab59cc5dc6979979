package io.loraoperator.e2e.cluster;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where binaries and clusters live between calls, outside of the source tree.
 *
 * @param path absolute
 */
public record CacheDirectory(Path path) {
  public static final String VARIABLE = "LORA_OPERATOR_CACHE";

  public CacheDirectory {
    path = path.toAbsolutePath().normalize();
    if (path.startsWith("/run")) {
      throw new ClusterException(
          path
              + ": a cluster's node has a /run of its own, so the cache cannot be there. Set "
              + VARIABLE
              + " to another folder.");
    }
  }

  /** {@code $LORA_OPERATOR_CACHE}, else {@code $XDG_CACHE_HOME}, else {@code ~/.cache}. */
  public static CacheDirectory of(Map<String, String> environment) {
    String chosen = environment.getOrDefault(VARIABLE, "");
    String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path base;
    if (!chosen.isEmpty()) {
      base = Path.of(chosen);
    } else if (!shared.isEmpty()) {
      base = Path.of(shared);
    } else {
      base = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), ".cache");
    }
    return new CacheDirectory(base.resolve("lora-operator"));
  }

  public Path binaries() {
    return path.resolve("binaries");
  }

  public Path clusters() {
    return path.resolve("clusters");
  }
}
