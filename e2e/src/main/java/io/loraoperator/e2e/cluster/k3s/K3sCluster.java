package io.loraoperator.e2e.cluster.k3s;

import com.github.dockerjava.api.command.InspectContainerResponse;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.FakeGpus;
import io.loraoperator.e2e.cluster.ImageArchive;
import io.loraoperator.e2e.cluster.S3Endpoint;
import io.loraoperator.e2e.cluster.S3Service;
import io.loraoperator.e2e.cluster.binaries.ClientPrograms;
import io.loraoperator.e2e.cluster.process.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;

/**
 * A {@link Cluster} of one node in a container, with MinIO in another.
 *
 * @param folder its folder in the cache
 * @param node K3s' container
 */
record K3sCluster(
    K3sState state,
    Path folder,
    DockerEngine engine,
    InspectContainerResponse node,
    ClientPrograms programs)
    implements Cluster {
  private static final Duration READY_LIMIT = Duration.ofMinutes(3);

  @Override
  public String name() {
    return state.name();
  }

  @Override
  public Path kubeconfig() {
    return K3sState.kubeconfig(folder);
  }

  @Override
  public List<String> importImage(Path ociLayoutTar) {
    if (!Files.isRegularFile(ociLayoutTar)) {
      throw new ClusterException(ociLayoutTar + ": no such image archive");
    }
    List<String> names = ImageArchive.references(ociLayoutTar);
    // Not /tmp or /run: a node may mount something over them, and the copy would lie below that.
    engine.copy(ociLayoutTar, node, "/");
    String copy = "/" + ociLayoutTar.getFileName();
    try {
      engine.run(node, "ctr", "--namespace=k8s.io", "images", "import", copy);
    } finally {
      engine.run(node, "rm", copy);
    }
    TreeSet<String> missing = new TreeSet<>(names);
    engine
        .run(node, "ctr", "--namespace=k8s.io", "images", "list", "--quiet")
        .lines()
        .forEach(missing::remove);
    if (!missing.isEmpty()) {
      throw new ClusterException(ociLayoutTar + ": containerd did not take up " + missing);
    }
    return names;
  }

  @Override
  public S3Endpoint s3() {
    return new S3Endpoint(
        state.s3Url(), S3Service.URL, S3Service.REGION, S3Service.ACCESS_KEY, state.s3SecretKey());
  }

  @Override
  public int gpus() {
    return state.gpus();
  }

  @Override
  public Path kubectl() {
    return programs.kubectl();
  }

  @Override
  public Path helm() {
    return programs.helm();
  }

  /** GPUs, the object store's name, and what the first Pod needs. */
  void prepare(String minioAddress) {
    try (KubernetesClient client = client()) {
      Await.until(
          READY_LIMIT,
          () ->
              !client.nodes().list().getItems().isEmpty()
                  && client.serviceAccounts().inNamespace("default").withName("default").get()
                      != null,
          () -> "K3s registers no node, or makes no service accounts");
      advertiseGpus();
      S3Service.apply(client, minioAddress);
      Await.until(
          READY_LIMIT,
          () -> dnsAnswers(client),
          () -> "the cluster's DNS has no address yet: can the node pull its images?");
    }
  }

  private static boolean dnsAnswers(KubernetesClient client) {
    return client
        .discovery()
        .v1()
        .endpointSlices()
        .inNamespace("kube-system")
        .withLabel("kubernetes.io/service-name", "kube-dns")
        .list()
        .getItems()
        .stream()
        .flatMap(slice -> slice.getEndpoints().stream())
        .anyMatch(endpoint ->
            endpoint.getConditions() == null
                || !Boolean.FALSE.equals(endpoint.getConditions().getReady()));
  }

  /** The kubelet keeps them until it is started again. */
  void advertiseGpus() {
    try (KubernetesClient client = client()) {
      for (Node one : client.nodes().list().getItems()) {
        FakeGpus.advertise(client, one.getMetadata().getName(), gpus());
      }
    }
  }
}
