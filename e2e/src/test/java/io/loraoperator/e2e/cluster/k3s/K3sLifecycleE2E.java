package io.loraoperator.e2e.cluster.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.e2e.cluster.CacheDirectory;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.ClusterProvider;
import io.loraoperator.e2e.cluster.ClusterSpec;
import io.loraoperator.e2e.cluster.RestrictedNamespace;
import io.loraoperator.e2e.cluster.choice.ClusterProviders;
import io.loraoperator.e2e.image.BusyboxImage;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clusters in containers come, are used again, and go without a trace. */
@Tag("needs-containers")
class K3sLifecycleE2E {
  private static final String NAME = "lifecycle";

  private final CacheDirectory cache = CacheDirectory.of(System.getenv());
  private final DockerEngine engine = DockerEngine.find().orElseThrow();

  @Test
  void clusterWithRunningPodIsFoundAgainAndLeavesNothingBehind(@TempDir Path folder) {
    ClusterProvider provider = ClusterProviders.of(System.getenv()).k3s();
    provider.down(NAME, false);
    List<String> before = engine.inventory();
    String uid;
    try {
      Cluster cluster = provider.up(new ClusterSpec(NAME, 1));
      cluster.importImage(BusyboxImage.write(folder));
      try (KubernetesClient client = cluster.client()) {
        uid = RestrictedNamespace.withRunningPod(client).getMetadata().getUid();
      }
      assertThat(engine.inventory())
          .as("what the search below would find")
          .anySatisfy(line -> assertThat(line).startsWith("volume ").isNotIn(before))
          .anySatisfy(line -> assertThat(line).startsWith("container ").isNotIn(before));

      Cluster again = ClusterProviders.of(System.getenv()).k3s().up(new ClusterSpec(NAME, 2));

      assertThat(again.gpus()).isEqualTo(2);
      try (KubernetesClient client = again.client()) {
        assertThat(client.pods().inAnyNamespace().list().getItems())
            .as("it is the same cluster")
            .anySatisfy(pod -> assertThat(pod.getMetadata().getUid()).isEqualTo(uid));
      }
    } finally {
      provider.down(NAME, false);
    }

    assertThat(engine.inventory()).isEqualTo(before);
    assertThat(K3sState.folder(cache, NAME)).doesNotExist();
    assertThat(provider.find(NAME)).isEmpty();
  }

  @Test
  void containerThatEndsIsReportedWithItsLogAndLeavesNothingElse() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    // MinIO's image knows the command "server" too, but not K3s' options.
    ContainerImages images = ContainerImages.of(environment);
    environment.put(K3sClusterProvider.K3S_VARIABLE, images.minio().asCanonicalNameString());
    ClusterProvider provider = ClusterProviders.of(environment).k3s();
    List<String> before = engine.inventory();

    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> provider.up(ClusterSpec.ofName("failing")))
        .withMessageContaining("K3s did not get ready")
        .withMessageContaining("logs");

    assertThat(engine.inventory()).isEqualTo(before);
    assertThat(K3sState.folder(cache, "failing").resolve("logs")).isNotEmptyDirectory();
    provider.down("failing", false);
    assertThat(K3sState.folder(cache, "failing")).doesNotExist();
  }
}
