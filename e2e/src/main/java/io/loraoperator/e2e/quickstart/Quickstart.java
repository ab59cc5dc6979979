package io.loraoperator.e2e.quickstart;

import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.ClusterProvider;
import io.loraoperator.e2e.cluster.ClusterSpec;
import io.loraoperator.e2e.cluster.ProviderKind;
import io.loraoperator.e2e.cluster.choice.ClusterProviders;
import io.loraoperator.e2e.cluster.current.CurrentClusterProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The command line of {@code ./quickstart}. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    version = "quickstart 0.1.0",
    sortOptions = false,
    description = {
      "Brings a Kubernetes up, installs LoRA Operator and fine-tunes a first model.",
      "The cluster stays for you to go on with; `./quickstart down` takes it away again."
    },
    subcommands = Quickstart.Down.class)
public final class Quickstart implements Callable<Integer> {
  @Option(
      names = "--cluster",
      paramLabel = "PROVIDER",
      defaultValue = "",
      scope = CommandLine.ScopeType.INHERIT,
      description =
          "k3s (Docker), local (namespaces of this machine) or current (your kubeconfig). Without it:"
              + " $LORA_OPERATOR_CLUSTER_PROVIDER, else the one that runs, else k3s where a Docker"
              + " engine answers and has or pulls the images, else local.")
  private String asked = "";

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description =
          "The current cluster is this one's; needs --s3-endpoint, and --registry or $"
              + CurrentClusterProvider.IMPORT_VARIABLE
              + ".")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--registry",
      paramLabel = "HOST/PATH",
      description = "Where the images are pushed and the current cluster pulls them.")
  private @Nullable String registry;

  @Option(
      names = "--s3-endpoint",
      paramLabel = "URL",
      description =
          "The current cluster's S3 service, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set.")
  private @Nullable String s3Endpoint;

  @Option(
      names = "--gpus",
      paramLabel = "N",
      defaultValue = "4",
      description = "GPUs that the node of k3s or local advertises (default: ${DEFAULT-VALUE}).")
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
    ClusterProvider provider = provider();
    Cluster cluster = provider.up(new ClusterSpec(ClusterSpec.DEFAULT_NAME, gpus));
    FirstRun run = new FirstRun(cluster, checkout());
    boolean succeeded = run.execute(Duration.ofMinutes(timeoutMinutes));
    if (provider.kind() != ProviderKind.CURRENT) {
      System.out.println("  ./quickstart down    # when you are done");
    }
    System.out.printf("%nTook %s.%n", readable(Duration.between(started, Instant.now())));
    return succeeded ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  /** The options of the current cluster stand for its environment variables. */
  private ClusterProvider provider() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    put(environment, "KUBECONFIG", kubeconfig);
    put(environment, CurrentClusterProvider.REGISTRY_VARIABLE, registry);
    put(environment, CurrentClusterProvider.S3_VARIABLE, s3Endpoint);
    boolean current = kubeconfig != null && asked.isEmpty();
    return ClusterProviders.of(environment)
        .choose(current ? ProviderKind.CURRENT.id() : asked, ClusterSpec.DEFAULT_NAME);
  }

  private static void put(
      Map<String, String> environment, String variable, @Nullable Object value) {
    if (value != null) {
      environment.put(variable, value.toString());
    }
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
      description = "Takes the cluster of k3s or local away and leaves nothing of it.")
  static final class Down implements Callable<Integer> {
    @ParentCommand private Quickstart quickstart;

    @Override
    public Integer call() {
      ClusterProviders.of(System.getenv())
          .chosen(quickstart.asked, ClusterSpec.DEFAULT_NAME)
          .down(ClusterSpec.DEFAULT_NAME, false);
      System.out.println("The cluster is gone; binaries, images and models stay cached.");
      return CommandLine.ExitCode.OK;
    }
  }
}
