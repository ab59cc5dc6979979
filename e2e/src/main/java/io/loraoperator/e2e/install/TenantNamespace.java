package io.loraoperator.e2e.install;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.e2e.cluster.S3Endpoint;

/** A namespace in which a team trains: restricted Pod Security and a Secret with storage keys. */
public final class TenantNamespace {
  public static final String STORAGE_SECRET = "s3-credentials";

  private TenantNamespace() {}

  /** Creates or updates the namespace. */
  public static void apply(KubernetesClient client, String namespace) {
    client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(namespace)
                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                .endMetadata()
                .build())
        .serverSideApply();
  }

  /** Creates or updates the Secret that the manifests name. */
  public static void applyStorageKeys(
      KubernetesClient client, String namespace, S3Endpoint endpoint) {
    applyStorageKeys(client, namespace, STORAGE_SECRET, endpoint.accessKey(), endpoint.secretKey());
  }

  /** Creates or updates a Secret of storage keys, right or wrong ones. */
  public static void applyStorageKeys(
      KubernetesClient client, String namespace, String name, String accessKey, String secretKey) {
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .addToStringData("accessKeyId", accessKey)
                .addToStringData("secretAccessKey", secretKey)
                .build())
        .forceConflicts()
        .serverSideApply();
  }
}
