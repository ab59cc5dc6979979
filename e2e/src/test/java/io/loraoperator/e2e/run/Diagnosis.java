package io.loraoperator.e2e.run;

import io.loraoperator.e2e.install.OperatorChart;

/** Everything that tells why a scenario did not come to its end. */
final class Diagnosis {
  private static final String LINES = "--tail=40";

  private Diagnosis() {}

  static String of(Scenario scenario, String name) {
    StringBuilder text = new StringBuilder();
    add(text, scenario, "get", "lorafinetune", name, "--output=yaml");
    add(text, scenario, "get", "jobs,pods", "--output=wide");
    add(text, scenario, "get", "events", "--sort-by=.lastTimestamp");
    add(
        text,
        scenario,
        "logs",
        "--selector=finetune.loraoperator.io/name=" + name,
        "--all-containers",
        "--prefix",
        LINES);
    add(
        text,
        scenario,
        "logs",
        "--namespace=" + OperatorChart.NAMESPACE,
        "deployment/lora-operator",
        LINES);
    return text.toString();
  }

  private static void add(StringBuilder text, Scenario scenario, String... arguments) {
    text.append("$ kubectl ")
        .append(String.join(" ", arguments))
        .append('\n')
        .append(scenario.tryKubectl(arguments).output().stripTrailing())
        .append("\n\n");
  }
}
