package io.loraoperator.e2e.cluster.command;

import io.loraoperator.e2e.cluster.CacheDirectory;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.Progress;
import io.loraoperator.e2e.cluster.binaries.Prerequisites;
import io.loraoperator.e2e.cluster.local.LocalClusterProvider;
import java.io.PrintWriter;
import java.time.Clock;
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
    subcommands = {UpCommand.class, DownCommand.class, StatusCommand.class, ImportCommand.class},
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

  LocalClusterProvider provider() {
    Progress progress = Progress.standardError();
    boolean install = installPrerequisites || "true".equals(environment.get("CI"));
    return new LocalClusterProvider(
        CacheDirectory.of(environment),
        Prerequisites.of(environment.getOrDefault("PATH", ""), install, progress),
        progress,
        Clock.systemUTC());
  }
}
