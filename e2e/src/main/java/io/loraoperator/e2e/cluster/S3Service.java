package io.loraoperator.e2e.cluster;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.security.SecureRandom;
import java.util.Base64;

/** The name under which Pods reach a MinIO that runs outside of the cluster. */
public final class S3Service {
  /** MinIO's own port, and the Service's. */
  public static final int PORT = 9000;

  public static final String REGION = "us-east-1";

  /** The Service as Pods name it. */
  public static final String URL = "http://minio.minio.svc:" + PORT;

  /** The root user's name. */
  public static final String ACCESS_KEY = "minio-root";

  private static final String NAME = "minio";
  private static final String PORT_NAME = "s3";

  private static final int SECRET_BYTES = 24;

  private S3Service() {}

  /** A throw-away root password. */
  public static String newSecretKey() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * Makes or corrects the Service.
   *
   * @param address an IPv4 address that Pods reach
   */
  public static void apply(KubernetesClient client, String address) {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName(NAME).endMetadata().build())
        .serverSideApply();
    client
        .resource(
            new ServiceBuilder()
                .withNewMetadata()
                .withName(NAME)
                .withNamespace(NAME)
                .endMetadata()
                .withNewSpec()
                .addNewPort()
                .withName(PORT_NAME)
                .withPort(PORT)
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build())
        .serverSideApply();
    client
        .resource(
            new EndpointSliceBuilder()
                .withNewMetadata()
                .withName("minio-server")
                .withNamespace(NAME)
                .addToLabels("kubernetes.io/service-name", NAME)
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort()
                .withName(PORT_NAME)
                .withPort(PORT)
                .withProtocol("TCP")
                .endPort()
                .addNewEndpoint()
                .withAddresses(address)
                .endEndpoint()
                .build())
        .serverSideApply();
  }
}
