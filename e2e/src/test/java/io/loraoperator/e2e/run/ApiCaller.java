package io.loraoperator.e2e.run;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Plain requests to the API server in a ServiceAccount's name, refusals included. */
final class ApiCaller implements AutoCloseable {
  private static final String APPLY = "application/apply-patch+yaml";
  private static final String MERGE = "application/merge-patch+json";

  private final KubernetesClient client;

  private ApiCaller(KubernetesClient client) {
    this.client = client;
  }

  /** What the server said. */
  record Answer(int code, String body) {}

  /** Asks the API server for a token of the account, as the kubelet does for a Pod. */
  static ApiCaller withTokenOf(KubernetesClient administrator, String namespace, String account) {
    String token =
        administrator
            .serviceAccounts()
            .inNamespace(namespace)
            .withName(account)
            .tokenRequest()
            .getStatus()
            .getToken();
    Config theirs =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(administrator.getConfiguration().getMasterUrl())
            .withCaCertData(administrator.getConfiguration().getCaCertData())
            .withCaCertFile(administrator.getConfiguration().getCaCertFile())
            .withOauthToken(token)
            .build();
    return new ApiCaller(new KubernetesClientBuilder().withConfig(theirs).build());
  }

  /** Server-side apply. */
  Answer apply(String uri, String body) {
    return send("PATCH", uri, APPLY, body);
  }

  /** Any other request; the body of a patch is a merge patch. */
  Answer call(String method, String uri, @Nullable String body) {
    return send(method, uri, MERGE, method.equals("PATCH") ? body : null);
  }

  private Answer send(String method, String uri, String type, @Nullable String body) {
    String server = client.getMasterUrl().toString().replaceAll("/$", "");
    HttpResponse<String> response =
        client
            .getHttpClient()
            .sendAsync(
                client
                    .getHttpClient()
                    .newHttpRequestBuilder()
                    .uri(server + uri)
                    .method(method, type, body)
                    .build(),
                String.class)
            .orTimeout(1, TimeUnit.MINUTES)
            .join();
    return new Answer(response.code(), String.valueOf(response.body()));
  }

  @Override
  public void close() {
    client.close();
  }
}
