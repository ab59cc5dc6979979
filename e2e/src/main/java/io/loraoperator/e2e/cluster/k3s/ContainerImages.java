package io.loraoperator.e2e.cluster.k3s;

import java.util.Map;
import org.testcontainers.utility.DockerImageName;

/**
 * The images that make a cluster: the pinned ones, or compatible substitutes that the environment
 * names.
 */
record ContainerImages(DockerImageName k3s, DockerImageName minio) {
  private static final String K3S = "rancher/k3s";
  private static final String MINIO = "minio/minio";

  private static final String K3S_TAG = "v1.34.6-k3s1";
  private static final String MINIO_TAG = "RELEASE.2025-09-07T16-13-09Z";

  static ContainerImages of(Map<String, String> environment) {
    return new ContainerImages(
        image(environment.getOrDefault(K3sClusterProvider.K3S_VARIABLE, ""), K3S, K3S_TAG),
        image(environment.getOrDefault(K3sClusterProvider.MINIO_VARIABLE, ""), MINIO, MINIO_TAG));
  }

  private static DockerImageName image(String chosen, String repository, String tag) {
    return chosen.isEmpty()
        ? DockerImageName.parse(repository + ":" + tag)
        : DockerImageName.parse(chosen).asCompatibleSubstituteFor(repository);
  }
}
