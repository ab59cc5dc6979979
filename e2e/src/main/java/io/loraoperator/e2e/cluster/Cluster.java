package io.loraoperator.e2e.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;

/** A running Kubernetes cluster, whoever provides it. */
public interface Cluster {
  String name();

  /** An administrator's kubeconfig file, valid on this machine. */
  Path kubeconfig();

  /** A new administrator's client; the caller closes it. */
  KubernetesClient client();

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

  S3Endpoint s3();

  /** How many {@code nvidia.com/gpu} the nodes advertise together. */
  int gpus();

  /** An address of this machine that Pods reach, for services that tests run outside. */
  String hostAddress();

  /** The {@code kubectl} program that fits the cluster. */
  Path kubectl();

  /** The {@code helm} program; built on first use. */
  Path helm();

  /** Deletes a Pod at once, without its grace period. */
  void deletePod(String namespace, String name);

  /** The node's programs that {@link #stopComponent} knows, by name. */
  List<String> components();

  /** Whether that program runs now. */
  boolean isRunning(String component);

  /**
   * Kills one of the node's programs, {@code kubelet} for example, and returns when it has ended.
   */
  void stopComponent(String name);

  /** Starts a program again that {@link #stopComponent} ended; returns when it answers. */
  void startComponent(String name);
}
