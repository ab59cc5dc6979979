package io.loraoperator.e2e.cluster.k3s;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.testcontainers.utility.DockerImageName;

class ContainerImagesTest {
  @Test
  void imagesArePinned() {
    ContainerImages images = ContainerImages.of(Map.of());

    assertThat(images.k3s().asCanonicalNameString())
        .matches("rancher/k3s:v1\\.3[3-9]\\.\\d+-k3s\\d+");
    assertThat(images.minio().asCanonicalNameString()).startsWith("minio/minio:RELEASE.");
  }

  @Test
  void substitutesOfTheEnvironmentPassForThem() {
    ContainerImages images =
        ContainerImages.of(
            Map.of(
                K3sClusterProvider.K3S_VARIABLE, "mirror.example/k3s:v1.34.6-k3s1",
                K3sClusterProvider.MINIO_VARIABLE, "localhost/minio:1"));

    assertThat(images.k3s().asCanonicalNameString()).isEqualTo("mirror.example/k3s:v1.34.6-k3s1");
    images.k3s().assertCompatibleWith(DockerImageName.parse("rancher/k3s"));
    images.minio().assertCompatibleWith(DockerImageName.parse("minio/minio"));
  }
}
