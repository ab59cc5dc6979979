package io.loraoperator.e2e.chart;

import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.process.Command;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Helm chart of this checkout, seen through the {@code helm} program. */
final class Chart {
  static final Path FOLDER = Path.of("../charts/lora-operator");

  private Chart() {}

  /** Runs {@code helm} with these arguments and returns what it said. */
  static Command.Result helm(Cluster cluster, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(cluster.helm().toString());
    command.addAll(List.of(arguments));
    return Command.attempt(command);
  }

  /**
   * Renders the chart.
   *
   * @return YAML documents
   * @throws AssertionError with what {@code helm} said if it refuses
   */
  static String render(Cluster cluster, String release, String namespace, String... arguments) {
    List<String> all =
        new ArrayList<>(List.of("template", release, FOLDER.toString(), "--namespace", namespace));
    all.addAll(List.of(arguments));
    Command.Result result = helm(cluster, all.toArray(String[]::new));
    if (result.exitCode() != 0) {
      throw new AssertionError(result.output());
    }
    return result.output();
  }
}
