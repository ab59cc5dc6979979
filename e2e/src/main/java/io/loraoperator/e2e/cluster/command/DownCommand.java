package io.loraoperator.e2e.cluster.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "down",
    description = "Stop the cluster and remove all that belongs to it.",
    mixinStandardHelpOptions = true)
final class DownCommand implements Runnable {
  @ParentCommand private ClusterCommand cluster;
  @Mixin private ClusterName name;

  @Option(names = "--keep-logs", description = "Leave the programs' logs in the cache.")
  private boolean keepLogs;

  @Override
  public void run() {
    cluster.providerOfRunning(name).down(name.value(), keepLogs);
  }
}
