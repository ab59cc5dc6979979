package io.loraoperator.e2e.cluster;

/**
 * The cluster's S3 service with its root credentials.
 *
 * @param hostUrl the service as this machine reaches it
 * @param clusterUrl the same service as Pods reach it
 */
public record S3Endpoint(
    String hostUrl, String clusterUrl, String region, String accessKey, String secretKey) {
  /** Without the secret: a record's own text would carry it into logs. */
  @Override
  public String toString() {
    return "S3Endpoint[%s, in the cluster %s, access key %s]"
        .formatted(hostUrl, clusterUrl, accessKey);
  }
}
