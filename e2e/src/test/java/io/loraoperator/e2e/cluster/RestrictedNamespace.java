package io.loraoperator.e2e.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.e2e.image.BusyboxImage;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A namespace of one test, with restricted Pod Security enforced; deleted on close.
 *
 * @param name made up by the API server
 */
public record RestrictedNamespace(KubernetesClient client, String name) implements AutoCloseable {
  /** The extended resource that stands for a GPU. */
  static final String GPU = "nvidia.com/gpu";

  /** How long a Pod may take to start and do a small thing on a busy machine. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Makes the namespace and waits until Pods can be created in it. */
  public static RestrictedNamespace create(KubernetesClient client) {
    String name =
        client
            .resource(
                new NamespaceBuilder()
                    .withNewMetadata()
                    .withGenerateName("test-")
                    .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                    .endMetadata()
                    .build())
            .create()
            .getMetadata()
            .getName();
    client
        .serviceAccounts()
        .inNamespace(name)
        .withName("default")
        .waitUntilCondition(account -> account != null, PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return new RestrictedNamespace(client, name);
  }

  /** A new namespace's Pod that runs, and would for ten minutes. */
  public static Pod withRunningPod(KubernetesClient client) {
    RestrictedNamespace namespace = create(client);
    namespace.createPod("stays", spec(container("main", "sleep 600")));
    return client
        .pods()
        .inNamespace(namespace.name())
        .withName("stays")
        .waitUntilReady(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** A container that runs a shell script as the restricted Pod Security standard asks. */
  static Container container(String name, String script) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(BusyboxImage.REFERENCE)
        .withImagePullPolicy("Never")
        .withArgs(script)
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .addToDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .build();
  }

  /** The same container with a limit of so many GPUs. */
  static Container withGpus(Container container, int count) {
    return new ContainerBuilder(container)
        .withNewResources()
        .addToLimits(GPU, new Quantity(Integer.toString(count)))
        .endResources()
        .build();
  }

  /** A Pod's spec that runs these containers once. */
  static PodSpec spec(Container... containers) {
    return new PodSpecBuilder()
        .withRestartPolicy("Never")
        .withTerminationGracePeriodSeconds(2L)
        .withContainers(containers)
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(1000L)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .build();
  }

  /** Creates a Pod. */
  Pod createPod(String podName, PodSpec spec) {
    return client
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName(podName)
                .withNamespace(name)
                .endMetadata()
                .withSpec(spec)
                .build())
        .create();
  }

  /** Runs a script in a Pod to its end and returns the Pod as it was then. */
  Pod run(String podName, PodSpec spec) {
    createPod(podName, spec);
    return client
        .pods()
        .inNamespace(name)
        .withName(podName)
        .waitUntilCondition(
            pod -> pod != null && isOver(pod.getStatus().getPhase()),
            PATIENCE.toSeconds(),
            TimeUnit.SECONDS);
  }

  /** What a Pod of one container has written. */
  String log(String podName) {
    return client.pods().inNamespace(name).withName(podName).getLog();
  }

  private static boolean isOver(String phase) {
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  @Override
  public void close() {
    client.namespaces().withName(name).delete();
  }
}
