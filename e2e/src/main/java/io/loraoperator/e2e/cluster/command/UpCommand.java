package io.loraoperator.e2e.cluster.command;

import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "up",
    description = "Start the cluster, or attach to it if it runs; print its KUBECONFIG line.",
    mixinStandardHelpOptions = true)
final class UpCommand implements Runnable {
  @ParentCommand private ClusterCommand cluster;
  @Spec private CommandSpec spec;
  @Mixin private ClusterName name;

  @Option(
      names = "--gpus",
      description = "How many nvidia.com/gpu the node advertises (default: ${DEFAULT-VALUE}).",
      defaultValue = "" + ClusterSpec.DEFAULT_GPUS)
  private int gpus;

  @Override
  public void run() {
    Cluster running = cluster.provider(name).up(new ClusterSpec(name.value(), gpus));
    spec.commandLine().getOut().println("export KUBECONFIG=" + running.kubeconfig());
  }
}
