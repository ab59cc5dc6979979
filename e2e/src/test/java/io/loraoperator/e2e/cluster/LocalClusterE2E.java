package io.loraoperator.e2e.cluster;

import static io.loraoperator.e2e.cluster.RestrictedNamespace.container;
import static io.loraoperator.e2e.cluster.RestrictedNamespace.spec;
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
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.loraoperator.e2e.cluster.process.Command;
import io.loraoperator.e2e.image.BusyboxImage;
import io.loraoperator.e2e.image.OciLayout.Program;
import io.minio.GetObjectArgs;
import io.minio.GetPresignedObjectUrlArgs;
import io.minio.Http;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The local cluster does what the operator and the trainer need of a real one. */
@ExtendWith(ClusterExtension.class)
class LocalClusterE2E {
  private static final String GPU = "nvidia.com/gpu";

  /** busybox cannot check a server's certificate; kubectl can. */
  private static final String KUBECTL_IMAGE = "localhost/lora-operator/kubectl:test";

  private final Cluster cluster;
  private final KubernetesClient client;
  private RestrictedNamespace namespace;

  LocalClusterE2E(Cluster cluster, KubernetesClient client) {
    this.cluster = cluster;
    this.client = client;
  }

  @BeforeAll
  static void importImages(Cluster cluster, @TempDir Path folder) {
    assertThat(cluster.importImage(BusyboxImage.write(folder)))
        .containsExactly(BusyboxImage.REFERENCE);
    Path archive =
        BusyboxImage.write(
            folder, KUBECTL_IMAGE, Map.of("/bin/kubectl", new Program(cluster.kubectl())));
    assertThat(cluster.importImage(archive)).containsExactly(KUBECTL_IMAGE);
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
  void serviceNameResolvesInPod() {
    Pod pod =
        namespace.run(
            "resolve", spec(container("main", "nslookup kubernetes.default.svc.cluster.local")));

    assertThat(pod.getStatus().getPhase()).as(namespace.log("resolve")).isEqualTo("Succeeded");
    assertThat(namespace.log("resolve")).contains("10.96.0.1");
  }

  @Test
  void projectedTokenReachesApiServerAsTheServiceAccount() {
    client
        .resource(
            new RoleBindingBuilder()
                .withNewMetadata()
                .withName("view")
                .withNamespace(namespace.name())
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "view")
                .addNewSubject("", "ServiceAccount", "default", namespace.name())
                .build())
        .create();
    String request =
        "kubectl --server=https://kubernetes.default.svc --certificate-authority=/token/ca.crt"
            + " --token=$(cat /token/token) --namespace="
            + namespace.name()
            + " get pod token -o jsonpath={.metadata.uid}";
    Container main =
        new ContainerBuilder(container("main", request))
            .withImage(KUBECTL_IMAGE)
            .addNewVolumeMount()
            .withName("token")
            .withMountPath("/token")
            .withReadOnly(true)
            .endVolumeMount()
            .build();
    PodSpec spec =
        new PodSpecBuilder(spec(main))
            .withAutomountServiceAccountToken(false)
            .addNewVolume()
            .withName("token")
            .withNewProjected()
            .addNewSource()
            .withNewServiceAccountToken()
            .withPath("token")
            .withExpirationSeconds(600L)
            .endServiceAccountToken()
            .endSource()
            .addNewSource()
            .withNewConfigMap()
            .withName("kube-root-ca.crt")
            .endConfigMap()
            .endSource()
            .endProjected()
            .endVolume()
            .build();

    Pod pod = namespace.run("token", spec);

    assertThat(pod.getStatus().getPhase()).as(namespace.log("token")).isEqualTo("Succeeded");
    assertThat(namespace.log("token")).isEqualTo(pod.getMetadata().getUid());
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
                .addToHard("requests." + GPU, new Quantity("4"))
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
    namespace.createPod("four", spec(withGpus(container("main", "sleep 600"), 4)));

    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(
            () -> namespace.createPod("fifth", spec(withGpus(container("main", "true"), 1))))
        .withMessageContaining(
            "exceeded quota: gpus, requested: requests.%1$s=1, used: requests.%1$s=4", GPU);
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
  void sameObjectIsReadFromThisMachineAndFromPodByServiceName() throws Exception {
    S3Endpoint s3 = cluster.s3();
    String bucket = "test-" + UUID.randomUUID();
    byte[] content = "one object".getBytes(StandardCharsets.UTF_8);
    MinioClient host = minio(s3, s3.hostUrl());
    MinioClient inCluster = minio(s3, s3.clusterUrl());
    host.makeBucket(MakeBucketArgs.builder().bucket(bucket).build());
    host.putObject(
        PutObjectArgs.builder()
            .bucket(bucket)
            .object("data.txt")
            .data(content, content.length)
            .build());
    try (var object =
        host.getObject(GetObjectArgs.builder().bucket(bucket).object("data.txt").build())) {
      assertThat(object.readAllBytes()).isEqualTo(content);
    }
    // Signing needs no connection, so this machine can do it for the name that only Pods know.
    String signedUrl =
        inCluster.getPresignedObjectUrl(
            GetPresignedObjectUrlArgs.builder()
                .method(Http.Method.GET)
                .bucket(bucket)
                .object("data.txt")
                .build());

    Pod pod = namespace.run("read", spec(container("main", "wget -q -O - '" + signedUrl + "'")));

    assertThat(pod.getStatus().getPhase()).as(namespace.log("read")).isEqualTo("Succeeded");
    assertThat(namespace.log("read")).isEqualTo("one object");
  }

  @Test
  void podThatMayRunAsRootIsRefused() {
    PodSpec root = spec(container("main", "true"));
    root.getSecurityContext().setRunAsNonRoot(false);

    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(() -> namespace.createPod("root", root))
        .withMessageContaining("violates PodSecurity \"restricted:latest\"");
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

  @Test
  void killedKubeletComesBackWithItsGpusAndTheApiServerWithItsObjects() {
    cluster.stopComponent("kubelet");
    cluster.stopComponent("kube-apiserver");
    assertThat(cluster.isRunning("kubelet")).isFalse();

    cluster.startComponent("kube-apiserver");
    cluster.startComponent("kubelet");

    assertThat(cluster.isRunning("kubelet")).isTrue();
    assertThat(client.namespaces().withName(namespace.name()).get()).isNotNull();
    assertThat(client.nodes().withName("local-node").get().getStatus().getAllocatable())
        .containsEntry(GPU, new Quantity(Integer.toString(cluster.gpus())));
    Pod pod = namespace.run("after", spec(withGpus(container("main", "true"), 1)));
    assertThat(pod.getStatus().getPhase()).isEqualTo("Succeeded");
  }

  @Test
  void helmReachesTheCluster() {
    String releases =
        Command.run(
            List.of(
                cluster.helm().toString(),
                "--kubeconfig=" + cluster.kubeconfig(),
                "list",
                "--all-namespaces",
                "--output=json"));

    assertThat(releases.strip()).startsWith("[");
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

  private static Container withGpus(Container container, int count) {
    return new ContainerBuilder(container)
        .withNewResources()
        .addToLimits(GPU, new Quantity(Integer.toString(count)))
        .endResources()
        .build();
  }

  private static MinioClient minio(S3Endpoint s3, String url) {
    return MinioClient.builder()
        .endpoint(url)
        .region(s3.region())
        .credentials(s3.accessKey(), s3.secretKey())
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
