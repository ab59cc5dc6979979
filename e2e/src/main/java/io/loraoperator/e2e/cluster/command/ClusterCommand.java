package io.loraoperator.e2e.cluster.command;

import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.ClusterProvider;
import io.loraoperator.e2e.cluster.Progress;
import io.loraoperator.e2e.cluster.choice.ClusterProviders;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line's entry: options of all commands, and errors without stack traces. */
@Command(
    name = "cluster",
    description = "A real Kubernetes cluster on this machine, for development and tests.",
    mixinStandardHelpOptions = true,
    version = "LoRA Operator e2e cluster 0.1.0",
    subcommands = {
      UpCommand.class,
      DownCommand.class,
      StatusCommand.class,
      ImportCommand.class,
      SubstitutesCommand.class
    },
    footer = {
      "",
      "Binaries and clusters live in $LORA_OPERATOR_CACHE (else $XDG_CACHE_HOME, else ~/.cache),"
          + " folder lora-operator."
    })
public final class ClusterCommand {
  private final Map<String, String> environment;

  @Option(
      names = "--install-prerequisites",
      description = "Install missing Debian packages with apt-get (always so where CI=true).",
      scope = ScopeType.INHERIT)
  private boolean installPrerequisites;

  @Option(
      names = "--cluster",
      paramLabel = "PROVIDER",
      defaultValue = "",
      description = {
        "k3s: K3s in a Docker container, by Testcontainers.",
        "local: Kubernetes in namespaces of this machine.",
        "current: the cluster of the current kubeconfig.",
        "Without it: $LORA_OPERATOR_CLUSTER_PROVIDER, else the one whose cluster runs, else k3s where"
            + " a Docker engine answers and has or pulls the images, else local."
      },
      scope = ScopeType.INHERIT)
  private String provider = "";

  @Option(
      names = "--verbose",
      description = "Show stack traces of failures.",
      scope = ScopeType.INHERIT)
  private boolean verbose;

  ClusterCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  public static void main(String[] arguments) {
    System.exit(commandLine(System.getenv()).execute(arguments));
  }

  /** The command line, with environment variables as given. */
  static CommandLine commandLine(Map<String, String> environment) {
    ClusterCommand root = new ClusterCommand(environment);
    return new CommandLine(root)
        .setExecutionExceptionHandler((failure, commandLine, _) -> {
          if (root.verbose || !(failure instanceof ClusterException)) {
            failure.printStackTrace(commandLine.getErr());
          }
          PrintWriter errors = commandLine.getErr();
          errors.println("cluster: " + failure.getMessage());
          for (Throwable second : failure.getSuppressed()) {
            errors.println("cluster: then, while cleaning up: " + second.getMessage());
          }
          return commandLine.getCommandSpec().exitCodeOnExecutionException();
        });
  }

  ClusterProviders providers() {
    return new ClusterProviders(
        environment,
        installPrerequisites || "true".equals(environment.get("CI")),
        Progress.standardError());
  }

  /** The provider for a new cluster of that name, or of the running one. */
  ClusterProvider provider(ClusterName name) {
    return providers().choose(provider, name.value());
  }

  /** The provider of the cluster of that name that should run. */
  ClusterProvider providerOfRunning(ClusterName name) {
    return providers().chosen(provider, name.value());
  }
}
