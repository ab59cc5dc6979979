package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.CacheDirectory;
import java.nio.file.Path;

/**
 * One cluster's folder in the cache.
 *
 * @param root {@code …/lora-operator/clusters/<name>}
 */
record StateDirectory(Path root) {
  /** Where the node sees {@link #node()}: short, and the same for each cluster. */
  static final String IN_NODE = "/run/node";

  static StateDirectory of(CacheDirectory cache, String clusterName) {
    return new StateDirectory(cache.clusters().resolve(clusterName));
  }

  /**
   * A name for what the kernel keeps by name, interfaces (15 characters at most) among them;
   * clusters of two cache folders differ in it even if they are called the same.
   */
  String kernelName() {
    return "lora-%08x".formatted(root.toString().hashCode());
  }

  /** What {@link NodeState} is kept in. */
  Path stateFile() {
    return root.resolve("cluster.json");
  }

  Path kubeconfig() {
    return root.resolve("kubeconfig");
  }

  Path logs() {
    return root.resolve("logs");
  }

  Path log(String program) {
    return logs().resolve(program + ".log");
  }

  /** The process of a program: its id and start time. */
  Path processFile(String program) {
    return root.resolve("processes").resolve(program);
  }

  /** All that the node itself sees of the state. */
  Path node() {
    return root.resolve("node");
  }

  Path pki() {
    return node().resolve("pki");
  }

  Path config() {
    return node().resolve("config");
  }
}
