package io.loraoperator.e2e.api;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.loraoperator.api.LoraFineTune;
import java.util.concurrent.TimeUnit;

/**
 * Sends a manifest as it is written, as {@code kubectl create --dry-run=server} does: the server
 * itself reads the YAML, and refuses fields that it does not know.
 *
 * @param code of HTTP
 * @param body the object with its defaults, or what is wrong with it
 */
record ManifestPost(int code, String body) {
  private static final int CREATED = 201;

  static ManifestPost of(KubernetesClient client, String namespace, String yaml) throws Exception {
    String address =
        "%sapis/%s/%s/namespaces/%s/%s?dryRun=All&fieldValidation=Strict"
            .formatted(
                client.getMasterUrl(),
                LoraFineTune.GROUP,
                LoraFineTune.VERSION,
                namespace,
                LoraFineTune.PLURAL);
    HttpRequest request =
        client
            .getHttpClient()
            .newHttpRequestBuilder()
            .uri(address)
            .post("application/yaml", yaml)
            .build();
    HttpResponse<String> response =
        client.getHttpClient().sendAsync(request, String.class).get(1, TimeUnit.MINUTES);
    return new ManifestPost(response.code(), response.body());
  }

  boolean accepted() {
    return code == CREATED;
  }
}
