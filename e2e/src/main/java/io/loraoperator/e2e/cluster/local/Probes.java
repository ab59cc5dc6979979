package io.loraoperator.e2e.cluster.local;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.loraoperator.e2e.cluster.S3Service;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Asks a node's programs whether they are ready for work. */
final class Probes implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final NodeNamespaces node;
  private final String address;
  private final KubernetesClient client;
  private final ImageStore images;

  /**
   * @param client asked for the API server and the Node; not closed here
   */
  Probes(NodeNamespaces node, String address, KubernetesClient client, ImageStore images) {
    this.node = node;
    this.address = address;
    this.client = client;
    this.images = images;
  }

  boolean ready(String component) {
    return switch (component) {
      case Components.CONTAINERD -> images.reachable();
      case Components.MINIO -> answers(S3Service.PORT, "/minio/health/live");
      case Components.API_SERVER -> apiServerReady();
      case Components.KUBELET -> answers(10248, "/healthz") && nodeReady();
      case Components.KUBE_PROXY -> answers(10256, "/healthz");
      case Components.COREDNS -> answers(8181, "/ready");
      // They answer inside of the node only; what they do is waited for by its effects.
      case Components.ETCD, Components.CONTROLLER_MANAGER, Components.SCHEDULER ->
          node.init().alive();
      default -> throw new IllegalArgumentException("No program " + component);
    };
  }

  boolean apiServerReady() {
    try {
      return "ok".equals(client.raw("/readyz"));
    } catch (KubernetesClientException notYet) {
      return false;
    }
  }

  private boolean nodeReady() {
    Node found = client.nodes().withName(NodeFiles.NODE_NAME).get();
    return found != null
        && found.getStatus().getConditions().stream()
            .anyMatch(condition ->
                condition.getType().equals("Ready") && condition.getStatus().equals("True"));
  }

  private boolean answers(int port, String path) {
    URI uri = URI.create("http://" + address + ":" + port + path);
    try {
      return http.send(
                  HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
