package io.loraoperator.e2e.cluster;

import static io.loraoperator.e2e.cluster.RestrictedNamespace.container;
import static io.loraoperator.e2e.cluster.RestrictedNamespace.spec;
import static io.loraoperator.e2e.cluster.RestrictedNamespace.withGpus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The cluster, whoever provides it, does what the operator and the trainer need. */
@ExtendWith(ClusterExtension.class)
class ClusterE2E {
  private static final String GPU = RestrictedNamespace.GPU;

  /** busybox cannot check a server's certificate; kubectl can. */
  private static final String KUBECTL_IMAGE = "localhost/lora-operator/kubectl:test";

  private final Cluster cluster;
  private final KubernetesClient client;
  private RestrictedNamespace namespace;

  ClusterE2E(Cluster cluster, KubernetesClient client) {
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
  void serviceNameResolvesInPod() {
    Pod pod =
        namespace.run(
            "resolve", spec(container("main", "nslookup kubernetes.default.svc.cluster.local")));

    assertThat(pod.getStatus().getPhase()).as(namespace.log("resolve")).isEqualTo("Succeeded");
    String address =
        client
            .services()
            .inNamespace("default")
            .withName("kubernetes")
            .get()
            .getSpec()
            .getClusterIP();
    assertThat(namespace.log("resolve")).contains(address);
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
  @Tag("needs-components")
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

  private static MinioClient minio(S3Endpoint s3, String url) {
    return MinioClient.builder()
        .endpoint(url)
        .region(s3.region())
        .credentials(s3.accessKey(), s3.secretKey())
        .build();
  }
}
