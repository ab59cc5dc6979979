package io.loraoperator.e2e.quickstart;

import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.ClusterSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of {@code ./quickstart}. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    version = "quickstart 0.1.0",
    sortOptions = false,
    description = {
      "Brings a local Kubernetes up, installs LoRA Operator and fine-tunes a first model.",
      "The cluster stays for you to go on with; `./quickstart down` takes it away again."
    },
    subcommands = Quickstart.Down.class)
public final class Quickstart implements Callable<Integer> {
  @Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Use this cluster instead of a local one; needs --registry and --s3-endpoint.")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--registry",
      paramLabel = "HOST/PATH",
      description = "With --kubeconfig: where the images are pushed and the cluster pulls them.")
  private @Nullable String registry;

  @Option(
      names = "--s3-endpoint",
      paramLabel = "URL",
      description =
          "With --kubeconfig: the S3 service, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set.")
  private @Nullable String s3Endpoint;

  @Option(
      names = "--gpus",
      paramLabel = "N",
      defaultValue = "4",
      description = "GPUs that the local node advertises (default: ${DEFAULT-VALUE}).")
  private int gpus = ClusterSpec.DEFAULT_GPUS;

  @Option(
      names = "--timeout-minutes",
      paramLabel = "N",
      defaultValue = "20",
      description = "How long the example's run may take (default: ${DEFAULT-VALUE}).")
  private int timeoutMinutes = 20;

  /** Says at each use that v1alpha1 is not stable yet, which a newcomer need not read. */
  private static final Logger VERSION_WARNINGS =
      Logger.getLogger("io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils");

  public static void main(String[] arguments) {
    VERSION_WARNINGS.setLevel(Level.SEVERE);
    int exitCode =
        new CommandLine(new Quickstart())
            .setExecutionExceptionHandler(Quickstart::explain)
            .execute(arguments);
    System.exit(exitCode);
  }

  @Override
  public Integer call() {
    Instant started = Instant.now();
    Cluster cluster = cluster();
    FirstRun run = new FirstRun(cluster, checkout(), registry);
    boolean succeeded = run.execute(Duration.ofMinutes(timeoutMinutes));
    System.out.printf("%nTook %s.%n", readable(Duration.between(started, Instant.now())));
    return succeeded ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private Cluster cluster() {
    if (kubeconfig == null) {
      return Clusters.local(System.getenv()).up(new ClusterSpec(ClusterSpec.DEFAULT_NAME, gpus));
    }
    if (registry == null || s3Endpoint == null) {
      throw new ParameterException(
          java.util.Objects.requireNonNull(spec).commandLine(),
          "--kubeconfig needs --registry (where the cluster pulls images from) and --s3-endpoint.");
    }
    return Clusters.existing(kubeconfig, s3Endpoint, System.getenv());
  }

  /** The checkout that this program was started from; the launching script passes it. */
  static Path checkout() {
    return Path.of(System.getProperty("loraoperator.checkout", "."));
  }

  static String readable(Duration duration) {
    return duration.toMinutes() > 0
        ? "%dm%02ds".formatted(duration.toMinutes(), duration.toSecondsPart())
        : duration.toSeconds() + "s";
  }

  private static int explain(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) throws Exception {
    if (!(failure instanceof ClusterException)) {
      throw failure;
    }
    commandLine
        .getErr()
        .println(commandLine.getColorScheme().errorText("quickstart: " + failure.getMessage()));
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** {@code ./quickstart down}. */
  @Command(
      name = "down",
      mixinStandardHelpOptions = true,
      description = "Takes the local cluster away and leaves nothing of it.")
  static final class Down implements Callable<Integer> {
    @Override
    public Integer call() {
      Clusters.local(System.getenv()).down(ClusterSpec.DEFAULT_NAME, false);
      System.out.println("The local cluster is gone; binaries, images and models stay cached.");
      return CommandLine.ExitCode.OK;
    }
  }
}
