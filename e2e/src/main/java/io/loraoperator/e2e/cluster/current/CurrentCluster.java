package io.loraoperator.e2e.cluster.current;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.FakeGpus;
import io.loraoperator.e2e.cluster.ImageArchive;
import io.loraoperator.e2e.cluster.S3Endpoint;
import io.loraoperator.e2e.cluster.binaries.ClientPrograms;
import io.loraoperator.e2e.cluster.process.Command;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A cluster by its kubeconfig. Its nodes are not ours to stop.
 *
 * @param importCommand what brings an image archive to the nodes; empty if nothing does
 * @param registry where images are pushed for the nodes to pull, if that is the way
 */
record CurrentCluster(
    Path kubeconfig,
    S3Endpoint s3,
    String importCommand,
    Optional<String> registry,
    ClientPrograms programs)
    implements Cluster {
  @Override
  public String name() {
    return "current";
  }

  @Override
  public List<String> importImage(Path ociLayoutTar) {
    if (importCommand.isEmpty()) {
      throw new ClusterException(
          ("How do images get into this cluster's nodes? Set %s to the command that imports an"
                  + " archive, such as `kind load image-archive`%s.")
              .formatted(
                  CurrentClusterProvider.IMPORT_VARIABLE,
                  registry.isEmpty()
                      ? ", or name a registry with --registry or "
                          + CurrentClusterProvider.REGISTRY_VARIABLE
                      : ""));
    }
    List<String> names = ImageArchive.references(ociLayoutTar);
    Command.run(List.of("sh", "-c", importCommand + " \"$0\"", ociLayoutTar.toString()));
    return names;
  }

  @Override
  public int gpus() {
    try (KubernetesClient client = client()) {
      return client.nodes().list().getItems().stream()
          .map(node ->
              node.getStatus().getAllocatable().getOrDefault(FakeGpus.RESOURCE, new Quantity("0")))
          .mapToInt(quantity -> quantity.getNumericalAmount().intValue())
          .sum();
    }
  }

  @Override
  public Path kubectl() {
    return programs.kubectl();
  }

  @Override
  public Path helm() {
    return programs.helm();
  }
}
