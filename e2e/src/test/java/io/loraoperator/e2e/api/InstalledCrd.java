package io.loraoperator.e2e.api;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.api.LoraFineTune;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The CRD of this build, served by the cluster. */
public final class InstalledCrd {
  private static final String RESOURCE =
      "/META-INF/fabric8/lorafinetunes.finetune.loraoperator.io-v1.yml";

  /** Name and namespace of the release that the end-to-end tests install. */
  private static final String RELEASE = "lora-operator";

  private InstalledCrd() {}

  /**
   * Installs it, or brings an older one up to date, and waits until the server serves it. It is
   * marked so that Helm takes it over when a test installs the chart afterwards.
   */
  public static void ensure(KubernetesClient client) {
    CustomResourceDefinition crd = ofThisBuild(client);
    CustomResourceDefinition served = client.resource(crd).get();
    if (served == null) {
      crd.getMetadata().setLabels(Map.of("app.kubernetes.io/managed-by", "Helm"));
      crd.getMetadata()
          .setAnnotations(
              Map.of(
                  "meta.helm.sh/release-name", RELEASE,
                  "meta.helm.sh/release-namespace", RELEASE));
      client.resource(crd).create();
    } else if (!served.getSpec().getVersions().equals(crd.getSpec().getVersions())) {
      served.getSpec().setVersions(crd.getSpec().getVersions());
      client.resource(served).update();
    }
    client
        .resource(crd)
        .waitUntilCondition(
            seen ->
                seen != null
                    && seen.getStatus() != null
                    && seen.getStatus().getConditions().stream()
                        .anyMatch(condition ->
                            condition.getType().equals("Established")
                                && condition.getStatus().equals("True")),
            1,
            TimeUnit.MINUTES);
  }

  /** The CRD as the jar of the types brings it. */
  public static CustomResourceDefinition ofThisBuild(KubernetesClient client) {
    try (InputStream yaml = LoraFineTune.class.getResourceAsStream(RESOURCE)) {
      return client
          .apiextensions()
          .v1()
          .customResourceDefinitions()
          .load(Objects.requireNonNull(yaml, RESOURCE))
          .item();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
