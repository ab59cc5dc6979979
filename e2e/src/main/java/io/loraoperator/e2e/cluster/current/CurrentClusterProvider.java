package io.loraoperator.e2e.cluster.current;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.loraoperator.e2e.cluster.Ability;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.ClusterProvider;
import io.loraoperator.e2e.cluster.ClusterSpec;
import io.loraoperator.e2e.cluster.FakeGpus;
import io.loraoperator.e2e.cluster.ProviderKind;
import io.loraoperator.e2e.cluster.S3Endpoint;
import io.loraoperator.e2e.cluster.S3Service;
import io.loraoperator.e2e.cluster.binaries.ClientPrograms;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Attaches to the cluster of the current kubeconfig, which somebody else runs. What cannot be found
 * out is taken from the environment: how images get into the nodes, and where S3 is.
 */
public final class CurrentClusterProvider implements ClusterProvider {
  public static final String IMPORT_VARIABLE = "LORA_OPERATOR_IMAGE_IMPORT";
  public static final String REGISTRY_VARIABLE = "LORA_OPERATOR_REGISTRY";

  /** S3 as Pods reach it. */
  public static final String S3_VARIABLE = "LORA_OPERATOR_S3_ENDPOINT";

  /** S3 as this machine reaches it, where that is another URL. */
  public static final String S3_HOST_VARIABLE = "LORA_OPERATOR_S3_HOST_ENDPOINT";

  private final Map<String, String> environment;
  private final ClientPrograms programs;

  public CurrentClusterProvider(Map<String, String> environment, ClientPrograms programs) {
    this.environment = Map.copyOf(environment);
    this.programs = programs;
  }

  @Override
  public ProviderKind kind() {
    return ProviderKind.CURRENT;
  }

  @Override
  public Set<Ability> abilities() {
    return Set.of();
  }

  /**
   * Attaches, and checks that runs will find GPUs.
   *
   * @throws ClusterException naming a variable that is not set, or what the cluster lacks
   */
  @Override
  public Cluster up(ClusterSpec spec) {
    CurrentCluster cluster = attach();
    try (KubernetesClient client = cluster.client()) {
      client.raw("/readyz");
    } catch (KubernetesClientException failure) {
      throw new ClusterException(
          "The cluster of " + cluster.kubeconfig() + " does not answer: " + failure.getMessage(),
          failure);
    }
    if (cluster.gpus() == 0) {
      throw new ClusterException(
          ("No node of the cluster of %s advertises %s, so no run could start: install its device"
                  + " plug-in, or advertise some that exist for the scheduler only, with `kubectl"
                  + " patch node NAME --subresource=status --type=json --patch '[{\"op\": \"add\","
                  + " \"path\": \"/status/capacity/nvidia.com~1gpu\", \"value\": \"4\"}]'`.")
              .formatted(cluster.kubeconfig(), FakeGpus.RESOURCE));
    }
    return cluster;
  }

  /** The one cluster there is, whatever the name: a kubeconfig has one current context. */
  @Override
  public Optional<Cluster> find(String name) {
    return Optional.of(attach());
  }

  @Override
  public void down(String name, boolean keepLogs) {
    throw new ClusterException(
        "The cluster of the current kubeconfig is not ours to take down. `helm uninstall"
            + " lora-operator --namespace lora-operator` removes the operator.");
  }

  private CurrentCluster attach() {
    String url = required(S3_VARIABLE, "an S3 service that Pods reach");
    S3Endpoint s3 =
        new S3Endpoint(
            environment.getOrDefault(S3_HOST_VARIABLE, url),
            url,
            environment.getOrDefault("AWS_REGION", S3Service.REGION),
            required("AWS_ACCESS_KEY_ID", "the S3 service's access key"),
            required("AWS_SECRET_ACCESS_KEY", "the S3 service's secret key"));
    return new CurrentCluster(
        kubeconfig(),
        s3,
        environment.getOrDefault(IMPORT_VARIABLE, ""),
        Optional.of(environment.getOrDefault(REGISTRY_VARIABLE, "")).filter(it -> !it.isEmpty()),
        programs);
  }

  private Path kubeconfig() {
    String chosen = environment.getOrDefault("KUBECONFIG", "");
    if (chosen.contains(File.pathSeparator)) {
      throw new ClusterException(
          "KUBECONFIG names several files; name one, made by `kubectl config view --flatten`.");
    }
    Path file =
        chosen.isEmpty()
            ? Path.of(environment.getOrDefault("HOME", "")).resolve(".kube").resolve("config")
            : Path.of(chosen);
    if (!Files.isReadable(file)) {
      throw new ClusterException("Cannot read the kubeconfig " + file + "; set KUBECONFIG.");
    }
    return file.toAbsolutePath();
  }

  private String required(String variable, String what) {
    String value = environment.getOrDefault(variable, "");
    if (value.isEmpty()) {
      throw new ClusterException(
          "Set %s: %s. The cluster of a kubeconfig does not tell.".formatted(variable, what));
    }
    return value;
  }
}
