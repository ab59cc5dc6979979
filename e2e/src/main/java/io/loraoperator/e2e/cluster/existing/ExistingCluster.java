package io.loraoperator.e2e.cluster.existing;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.S3Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A cluster by its kubeconfig. It pulls images from a registry, and its nodes are not ours to stop:
 * what needs either says so.
 */
public final class ExistingCluster implements Cluster {
  private static final String GPU = "nvidia.com/gpu";

  private final Path kubeconfig;
  private final S3Endpoint s3;
  private final Map<String, String> environment;

  /**
   * Attaches to a cluster.
   *
   * @param s3 a service that this machine and the Pods reach by the same URL
   * @param environment where programs are looked for ({@code PATH})
   */
  public ExistingCluster(Path kubeconfig, S3Endpoint s3, Map<String, String> environment) {
    if (!Files.isReadable(kubeconfig)) {
      throw new ClusterException("Cannot read the kubeconfig " + kubeconfig + ".");
    }
    this.kubeconfig = kubeconfig.toAbsolutePath();
    this.s3 = s3;
    this.environment = Map.copyOf(environment);
  }

  @Override
  public String name() {
    return "existing";
  }

  @Override
  public Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public KubernetesClient client() {
    return new KubernetesClientBuilder()
        .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
        .build();
  }

  @Override
  public List<String> importImage(Path ociLayoutTar) {
    throw new ClusterException(
        "This cluster's nodes take images from a registry only: name one with --registry.");
  }

  @Override
  public S3Endpoint s3() {
    return s3;
  }

  @Override
  public int gpus() {
    try (KubernetesClient client = client()) {
      return client.nodes().list().getItems().stream()
          .map(node -> node.getStatus().getAllocatable().getOrDefault(GPU, new Quantity("0")))
          .mapToInt(quantity -> quantity.getNumericalAmount().intValue())
          .sum();
    }
  }

  @Override
  public String hostAddress() {
    throw new ClusterException("It is not known how Pods of this cluster reach this machine.");
  }

  @Override
  public Path kubectl() {
    return program("kubectl");
  }

  @Override
  public Path helm() {
    return program("helm");
  }

  @Override
  public void deletePod(String namespace, String name) {
    try (KubernetesClient client = client()) {
      client.pods().inNamespace(namespace).withName(name).withGracePeriod(0).delete();
    }
  }

  @Override
  public List<String> components() {
    return List.of();
  }

  @Override
  public boolean isRunning(String component) {
    throw new ClusterException("The programs of this cluster are not ours to watch: " + component);
  }

  @Override
  public void stopComponent(String component) {
    throw new ClusterException("The programs of this cluster are not ours to stop: " + component);
  }

  @Override
  public void startComponent(String component) {
    throw new ClusterException("The programs of this cluster are not ours to start: " + component);
  }

  private Path program(String name) {
    for (String folder : environment.getOrDefault("PATH", "").split(":", -1)) {
      Path candidate = Path.of(folder.isEmpty() ? "." : folder).resolve(name);
      if (Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    throw new ClusterException(name + " is not on the PATH; install it first.");
  }
}
