package io.loraoperator.e2e.cluster;

import java.util.regex.Pattern;

/**
 * What a cluster is asked to be.
 *
 * @param name lower-case letters, digits and dashes, at most 20 characters; clusters of different
 *     names run side by side
 * @param gpus how many {@code nvidia.com/gpu} the node advertises; no device is behind them
 */
public record ClusterSpec(String name, int gpus) {
  public static final String DEFAULT_NAME = "local";
  public static final int DEFAULT_GPUS = 4;

  private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,18}[a-z0-9])?");

  public ClusterSpec {
    if (!NAME.matcher(name).matches()) {
      throw new ClusterException(
          "Cluster name '"
              + name
              + "': use at most 20 lower-case letters, digits and dashes, a letter first.");
    }
    if (gpus < 0) {
      throw new ClusterException("Number of GPUs " + gpus + ": must not be negative.");
    }
  }

  public static ClusterSpec ofName(String name) {
    return new ClusterSpec(name, DEFAULT_GPUS);
  }
}
