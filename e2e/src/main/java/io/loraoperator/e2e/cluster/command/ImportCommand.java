package io.loraoperator.e2e.cluster.command;

import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "import",
    description = "Make images available to Pods; print the references that Pods can name.",
    mixinStandardHelpOptions = true)
final class ImportCommand implements Runnable {
  @ParentCommand private ClusterCommand cluster;
  @Spec private CommandSpec spec;
  @Mixin private ClusterName name;

  @Parameters(
      arity = "1..*",
      paramLabel = "ARCHIVE",
      description =
          "OCI image layout archives; each index names its images in full, such as"
              + " localhost/lora-operator/trainer:dev.")
  private List<Path> archives;

  @Override
  public void run() {
    Cluster running =
        cluster
            .providerOfRunning(name)
            .find(name.value())
            .orElseThrow(() ->
                new ClusterException(
                    "Cluster " + name.value() + " is not running; start it with `up`."));
    for (Path archive : archives) {
      running.importImage(archive).forEach(spec.commandLine().getOut()::println);
    }
  }
}
