package io.loraoperator.e2e.chart;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.ClusterException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A patch of a LoraFineTune as a single request: Fabric8 reads an object before it patches it, and
 * who may only patch may not read.
 *
 * @param code of HTTP
 * @param body the object, or why not
 */
record ObjectPatch(int code, String body) {
  private static final int OK = 200;

  /** Server-side apply of a status, with the reporter's field manager. */
  static ObjectPatch apply(KubernetesClient who, String namespace, String name, String status) {
    return apply(who, namespace, name, status, "");
  }

  /** The same as a dry run: admission decides, and nothing is stored. */
  static ObjectPatch tryToApply(
      KubernetesClient who, String namespace, String name, String status) {
    return apply(who, namespace, name, status, "&dryRun=All");
  }

  private static ObjectPatch apply(
      KubernetesClient who, String namespace, String name, String status, String options) {
    String object =
        """
        {"apiVersion": "%s/%s", "kind": "%s", "metadata": {"name": "%s"}, "status": %s}
        """
            .formatted(LoraFineTune.GROUP, LoraFineTune.VERSION, LoraFineTune.KIND, name, status);
    return send(
        who,
        namespace,
        name + "/status?fieldManager=lora-reporter&force=true" + options,
        "application/apply-patch+yaml",
        object);
  }

  /** A merge patch of a status. */
  static ObjectPatch mergeStatus(
      KubernetesClient who, String namespace, String name, String status) {
    return send(
        who,
        namespace,
        name + "/status",
        "application/merge-patch+json",
        "{\"status\": " + status + "}");
  }

  /** A merge patch of a specification. */
  static ObjectPatch mergeSpec(KubernetesClient who, String namespace, String name, String spec) {
    return send(who, namespace, name, "application/merge-patch+json", "{\"spec\": " + spec + "}");
  }

  boolean accepted() {
    return code == OK;
  }

  private static ObjectPatch send(
      KubernetesClient who, String namespace, String target, String contentType, String body) {
    HttpRequest request =
        who.getHttpClient()
            .newHttpRequestBuilder()
            .uri(
                "%sapis/%s/%s/namespaces/%s/%s/%s"
                    .formatted(
                        who.getMasterUrl(),
                        LoraFineTune.GROUP,
                        LoraFineTune.VERSION,
                        namespace,
                        LoraFineTune.PLURAL,
                        target))
            .method("PATCH", contentType, body)
            .build();
    try {
      HttpResponse<String> response =
          who.getHttpClient().sendAsync(request, String.class).get(1, TimeUnit.MINUTES);
      return new ObjectPatch(response.code(), response.body());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ClusterException("Interrupted while patching " + target, interrupted);
    } catch (ExecutionException | TimeoutException failure) {
      throw new ClusterException("Cannot patch " + target, failure);
    }
  }
}
