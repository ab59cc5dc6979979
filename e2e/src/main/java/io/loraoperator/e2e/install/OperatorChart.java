package io.loraoperator.e2e.install;

import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.process.Command;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Installs the operator as an administrator does: with Helm, from the chart in this checkout. */
public final class OperatorChart {
  public static final String NAMESPACE = "lora-operator";
  public static final String RELEASE = "lora-operator";

  private final Cluster cluster;
  private final Path chart;

  /**
   * The chart of a checkout, for a cluster.
   *
   * @param checkout the root folder of the checkout
   */
  public OperatorChart(Cluster cluster, Path checkout) {
    this.cluster = cluster;
    this.chart = checkout.resolve("charts").resolve("lora-operator");
  }

  /**
   * Installs or upgrades, and returns when the operator is ready.
   *
   * @param values chart values by their dotted path
   */
  public void install(Map<String, String> values) {
    List<String> command =
        helm(
            "upgrade",
            "--install",
            RELEASE,
            chart.toString(),
            "--namespace",
            NAMESPACE,
            "--create-namespace",
            "--wait",
            "--timeout",
            "3m");
    values.forEach((path, value) -> command.addAll(List.of("--set", path + "=" + value)));
    Command.run(command);
  }

  public void uninstall() {
    Command.run(
        helm("uninstall", RELEASE, "--namespace", NAMESPACE, "--wait", "--ignore-not-found"));
  }

  private List<String> helm(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(cluster.helm().toString());
    command.addAll(List.of("--kubeconfig", cluster.kubeconfig().toString()));
    command.addAll(List.of(arguments));
    return command;
  }
}
