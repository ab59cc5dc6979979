package io.loraoperator.e2e.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A running Kubernetes cluster, whoever provides it. */
public interface Cluster {
  String name();

  /** An administrator's kubeconfig file, valid on this machine. */
  Path kubeconfig();

  /** A new administrator's client; the caller closes it. */
  default KubernetesClient client() {
    return new KubernetesClientBuilder()
        .withConfig(Config.fromKubeconfig(kubeconfig().toFile()))
        .build();
  }

  /**
   * Makes an image available to Pods, as {@code imagePullPolicy: IfNotPresent} or {@code Never}
   * finds it.
   *
   * @param ociLayoutTar an OCI image layout archive; each manifest in its index carries a full
   *     reference such as {@code localhost/lora-operator/trainer:dev} as annotation {@code
   *     io.containerd.image.name} or {@code org.opencontainers.image.ref.name}
   * @return the references that Pods can name
   */
  List<String> importImage(Path ociLayoutTar);

  /** Where images are pushed for the nodes to pull, {@code host/path}; else they are imported. */
  default Optional<String> registry() {
    return Optional.empty();
  }

  S3Endpoint s3();

  /** How many {@code nvidia.com/gpu} the nodes advertise together. */
  int gpus();

  /** The {@code kubectl} program that fits the cluster. */
  Path kubectl();

  /** The {@code helm} program; built on first use. */
  Path helm();

  /** Deletes a Pod at once, without its grace period. */
  default void deletePod(String namespace, String name) {
    try (KubernetesClient client = client()) {
      client.pods().inNamespace(namespace).withName(name).withGracePeriod(0).delete();
    }
  }

  /**
   * The node's programs that {@link #stopComponent} knows, by name; none without {@link
   * Ability#COMPONENTS}.
   */
  default List<String> components() {
    return List.of();
  }

  /** Whether that program runs now. */
  default boolean isRunning(String component) {
    throw noComponent(component);
  }

  /**
   * Kills one of the node's programs, {@code kubelet} for example, and returns when it has ended.
   */
  default void stopComponent(String component) {
    throw noComponent(component);
  }

  /** Starts a program again that {@link #stopComponent} ended; returns when it answers. */
  default void startComponent(String component) {
    throw noComponent(component);
  }

  private ClusterException noComponent(String component) {
    return new ClusterException(
        "Cluster %s has no program '%s' that could be stopped; there are %s"
            .formatted(name(), component, components()));
  }
}
