package io.loraoperator.e2e.cluster;

import static io.loraoperator.e2e.cluster.RestrictedNamespace.container;
import static io.loraoperator.e2e.cluster.RestrictedNamespace.spec;
import static io.loraoperator.e2e.cluster.RestrictedNamespace.withGpus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.loraoperator.e2e.cluster.process.Command;
import io.loraoperator.e2e.image.BusyboxImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Jobs and Pods live and die as they should, whoever provides the cluster. */
@ExtendWith(ClusterExtension.class)
class ClusterWorkloadE2E {
  private static final String GPU = RestrictedNamespace.GPU;

  private final Cluster cluster;
  private final KubernetesClient client;
  private RestrictedNamespace namespace;

  ClusterWorkloadE2E(Cluster cluster, KubernetesClient client) {
    this.cluster = cluster;
    this.client = client;
  }

  @BeforeAll
  static void importImage(Cluster cluster, @TempDir Path folder) {
    cluster.importImage(BusyboxImage.write(folder));
  }

  @BeforeEach
  void createNamespace() {
    namespace = RestrictedNamespace.create(client);
  }

  @AfterEach
  void deleteNamespace() {
    namespace.close();
  }

  @Test
  void jobWithNativeSidecarAndGpuCompletesAndItsLogCanBeRead() {
    Container sidecar =
        new ContainerBuilder(container("reporter", "trap 'exit 0' TERM; while :; do sleep 1; done"))
            .withRestartPolicy("Always")
            .build();
    PodSpec spec =
        new PodSpecBuilder(spec(withGpus(container("trainer", "echo trained on $(ls /bin/sh)"), 1)))
            .withInitContainers(sidecar)
            .build();
    client.resource(job("train", spec)).create();

    Job finished =
        client
            .batch()
            .v1()
            .jobs()
            .inNamespace(namespace.name())
            .withName("train")
            .waitUntilCondition(
                job -> job != null && job.getStatus().getCompletionTime() != null,
                RestrictedNamespace.PATIENCE.toSeconds(),
                TimeUnit.SECONDS);

    assertThat(finished.getStatus().getSucceeded()).isEqualTo(1);
    assertThat(kubectl("logs", "job/train", "--container=trainer"))
        .isEqualTo("trained on /bin/sh\n");
  }

  @Test
  void quotaRefusesTheGpuBeyondIt() {
    client
        .resource(
            new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("gpus")
                .withNamespace(namespace.name())
                .endMetadata()
                .withNewSpec()
                .addToHard("requests." + GPU, new Quantity(Integer.toString(cluster.gpus())))
                .endSpec()
                .build())
        .create();
    client
        .resourceQuotas()
        .inNamespace(namespace.name())
        .withName("gpus")
        .waitUntilCondition(
            quota ->
                quota != null && quota.getStatus() != null && quota.getStatus().getUsed() != null,
            RestrictedNamespace.PATIENCE.toSeconds(),
            TimeUnit.SECONDS);
    namespace.createPod("all", spec(withGpus(container("main", "sleep 600"), cluster.gpus())));

    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(() -> namespace.createPod("more", spec(withGpus(container("main", "true"), 1))))
        .withMessageContaining(
            "exceeded quota: gpus, requested: requests.%1$s=1, used: requests.%1$s=%2$d",
            GPU, cluster.gpus());
  }

  @Test
  void moreGpusThanTheNodeHasCannotBeScheduled() {
    namespace.createPod("greedy", spec(withGpus(container("main", "true"), cluster.gpus() + 1)));

    Pod pod =
        client
            .pods()
            .inNamespace(namespace.name())
            .withName("greedy")
            .waitUntilCondition(
                candidate ->
                    candidate != null
                        && candidate.getStatus().getConditions().stream()
                            .anyMatch(condition -> "Unschedulable".equals(condition.getReason())),
                RestrictedNamespace.PATIENCE.toSeconds(),
                TimeUnit.SECONDS);

    assertThat(pod.getStatus().getConditions())
        .anySatisfy(
            condition -> assertThat(condition.getMessage()).contains("Insufficient " + GPU));
  }

  @Test
  void containerBeyondItsMemoryLimitIsKilledAndSaysSo() {
    Container hog =
        new ContainerBuilder(container("main", "exec dd if=/dev/zero of=/dev/null bs=256M count=1"))
            .withNewResources()
            .addToLimits("memory", new Quantity("32Mi"))
            .endResources()
            .build();

    Pod pod = namespace.run("hog", spec(hog));

    assertThat(pod.getStatus().getContainerStatuses())
        .singleElement()
        .satisfies(status -> {
          assertThat(status.getState().getTerminated().getReason()).isEqualTo("OOMKilled");
          assertThat(status.getState().getTerminated().getExitCode()).isEqualTo(137);
        });
  }

  @Test
  void deletedOwnerTakesItsJobAndPodsAlong() {
    ConfigMap owner =
        client
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName("owner")
                    .withNamespace(namespace.name())
                    .endMetadata()
                    .build())
            .create();
    Job job = job("owned", spec(container("main", "sleep 600")));
    job.getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion("v1")
                    .withKind("ConfigMap")
                    .withName("owner")
                    .withUid(owner.getMetadata().getUid())
                    .build()));
    client.resource(job).create();
    client
        .pods()
        .inNamespace(namespace.name())
        .withLabel("job-name", "owned")
        .waitUntilReady(RestrictedNamespace.PATIENCE.toSeconds(), TimeUnit.SECONDS);

    client.resource(owner).delete();

    client
        .batch()
        .v1()
        .jobs()
        .inNamespace(namespace.name())
        .withName("owned")
        .waitUntilCondition(
            found -> found == null, RestrictedNamespace.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    client
        .pods()
        .inNamespace(namespace.name())
        .withLabel("job-name", "owned")
        .informOnCondition(List::isEmpty)
        .orTimeout(RestrictedNamespace.PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
    assertThat(client.pods().inNamespace(namespace.name()).list().getItems()).isEmpty();
  }

  @Test
  void deletedPodIsReplacedByItsJob() {
    client.resource(job("steady", spec(container("main", "sleep 600")))).create();
    var pods = client.pods().inNamespace(namespace.name()).withLabel("job-name", "steady");
    Pod first = pods.waitUntilReady(RestrictedNamespace.PATIENCE.toSeconds(), TimeUnit.SECONDS);

    cluster.deletePod(namespace.name(), first.getMetadata().getName());

    List<Pod> now =
        pods.informOnCondition(found ->
                found.size() == 1
                    && !found
                        .getFirst()
                        .getMetadata()
                        .getUid()
                        .equals(first.getMetadata().getUid()))
            .orTimeout(RestrictedNamespace.PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .join();
    assertThat(now).hasSize(1);
  }

  private Job job(String name, PodSpec spec) {
    return new JobBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace.name())
        .endMetadata()
        .withNewSpec()
        .withBackoffLimit(1)
        .withTemplate(new PodTemplateSpecBuilder().withSpec(spec).build())
        .endSpec()
        .build();
  }

  private String kubectl(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                cluster.kubectl().toString(),
                "--kubeconfig=" + cluster.kubeconfig(),
                "--namespace=" + namespace.name()));
    command.addAll(List.of(arguments));
    return Command.run(command);
  }
}
