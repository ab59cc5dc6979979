package io.loraoperator.e2e.cluster.k3s;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.ContainerNetwork;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.S3Service;
import io.loraoperator.e2e.cluster.process.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.testcontainers.containers.MinIOContainer;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.lifecycle.Startables;

/**
 * K3s and MinIO, started by Testcontainers and left to themselves by its reuse.
 *
 * @param node the id of K3s' container
 * @param kubeconfig an administrator's, as text
 * @param s3Url MinIO as this machine reaches it
 * @param minioAddress MinIO as the node reaches it: on the engine's default network
 */
record StartedContainers(String node, String kubeconfig, String s3Url, String minioAddress) {
  private static final Duration START_LIMIT = Duration.ofMinutes(3);

  /** No image can be pulled again, so none may be collected; a full disk is no reason to evict. */
  private static final List<String> SERVER_OPTIONS =
      List.of(
          "--disable=metrics-server",
          "--disable=servicelb",
          "--kubelet-arg=image-gc-high-threshold=100",
          "--kubelet-arg=image-gc-low-threshold=99",
          "--kubelet-arg=eviction-hard=memory.available<100Mi");

  /**
   * Starts both and waits for them.
   *
   * @param label what to find them by later
   * @param secretKey the password of MinIO's root user
   */
  static StartedContainers start(
      ContainerImages images, Map<String, String> label, String secretKey, DockerEngine engine) {
    K3sContainer node =
        new K3sContainer(images.k3s())
            .withLabels(label)
            .withReuse(true)
            .withStartupTimeout(START_LIMIT);
    List<String> command = new ArrayList<>(Arrays.asList(node.getCommandParts()));
    command.addAll(SERVER_OPTIONS);
    node.setCommandParts(command.toArray(String[]::new));
    MinIOContainer minio =
        new MinIOContainer(images.minio())
            .withUserName(S3Service.ACCESS_KEY)
            .withPassword(secretKey)
            .withLabels(label)
            .withReuse(true);
    await(Startables.deepStart(node, minio), engine, label);
    return new StartedContainers(
        node.getContainerId(),
        node.getKubeConfigYaml(),
        minio.getS3URL(),
        address(minio.getContainerInfo()));
  }

  /** Testcontainers itself goes on waiting for the words of a container that has ended. */
  private static void await(
      CompletableFuture<Void> start, DockerEngine engine, Map<String, String> label) {
    Await.until(
        START_LIMIT,
        () -> start.isDone() || engine.anyEnded(label),
        () -> "not within " + START_LIMIT.toSeconds() + " s");
    if (!start.isDone()) {
      throw new ClusterException("a container ended");
    }
    start.join();
  }

  private static String address(InspectContainerResponse container) {
    return container.getNetworkSettings().getNetworks().values().stream()
        .map(ContainerNetwork::getIpAddress)
        .filter(address -> address != null && !address.isEmpty())
        .findFirst()
        .orElseThrow(
            () -> new ClusterException("container " + container.getName() + " has no address"));
  }
}
