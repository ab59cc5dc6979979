package io.loraoperator.e2e.cluster.command;

import io.loraoperator.e2e.cluster.k3s.K3sClusterProvider;
import io.loraoperator.e2e.cluster.local.NodeImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "substitutes",
    description =
        "Write archives for `docker load` of images that stand in for rancher/k3s and minio/minio"
            + " where neither can be pulled; print the variables that name them.",
    mixinStandardHelpOptions = true)
final class SubstitutesCommand implements Runnable {
  @ParentCommand private ClusterCommand cluster;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FOLDER", description = "Where the archives are written.")
  private Path folder;

  @Override
  public void run() {
    NodeImage images = new NodeImage(cluster.providers().binaries(), Clock.systemUTC());
    images.writeNode(folder.resolve("k3s.tar"));
    images.writeMinio(folder.resolve("minio.tar"));
    PrintWriter out = spec.commandLine().getOut();
    out.println(K3sClusterProvider.K3S_VARIABLE + "=" + NodeImage.NODE);
    out.println(K3sClusterProvider.MINIO_VARIABLE + "=" + NodeImage.MINIO);
  }
}
