package io.loraoperator.e2e.cluster.command;

import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.S3Endpoint;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "status",
    description = "Show the cluster's programs and how to reach it; exit code 1 if it is not up.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  @ParentCommand private ClusterCommand cluster;
  @Spec private CommandSpec spec;
  @Mixin private ClusterName name;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Optional<Cluster> found = cluster.providerOfRunning(name).find(name.value());
    if (found.isEmpty()) {
      out.println("cluster " + name.value() + " is not running");
      return ExitCode.SOFTWARE;
    }
    Cluster running = found.get();
    boolean complete = true;
    for (String component : running.components()) {
      boolean alive = running.isRunning(component);
      complete &= alive;
      out.printf("%-24s %s%n", component, alive ? "running" : "NOT running");
    }
    S3Endpoint s3 = running.s3();
    out.printf("%-24s %d%n", "nvidia.com/gpu", running.gpus());
    out.printf("%-24s %s (in the cluster: %s)%n", "S3", s3.hostUrl(), s3.clusterUrl());
    out.printf("%-24s %s / %s%n", "S3 root credentials", s3.accessKey(), s3.secretKey());
    out.println("export KUBECONFIG=" + running.kubeconfig());
    return complete ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
