package io.loraoperator.e2e.cluster.command;

import io.loraoperator.e2e.cluster.ClusterSpec;
import picocli.CommandLine.Option;

/** The option {@code --name}. */
final class ClusterName {
  @Option(
      names = "--name",
      description =
          "The cluster's name; clusters of different names run side by side"
              + " (default: ${DEFAULT-VALUE}).",
      defaultValue = ClusterSpec.DEFAULT_NAME)
  private String value;

  /** The name, checked. */
  String value() {
    return ClusterSpec.ofName(value).name();
  }
}
