package io.loraoperator.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.e2e.api.InstalledCrd;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterExtension;
import io.loraoperator.e2e.cluster.RestrictedNamespace;
import io.loraoperator.e2e.cluster.process.Command;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the chart renders. After a change of the chart, {@code -Dregenerate=true} writes the
 * rendered cases again; review them as the change that they are.
 */
@ExtendWith(ClusterExtension.class)
class ChartE2E {
  private static final Path CASES = Path.of("src/test/resources/chart");

  private final Cluster cluster;
  private final KubernetesClient client;

  ChartE2E(Cluster cluster, KubernetesClient client) {
    this.cluster = cluster;
    this.client = client;
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "everything"})
  void rendersAsCommitted(String name) throws IOException {
    Path values = CASES.resolve(name).resolve("values.yaml");
    Path committed = CASES.resolve(name).resolve("rendered.yaml");
    String rendered =
        Chart.render(cluster, "lora-operator", "lora-operator", "--values", values.toString());
    if (Boolean.getBoolean("regenerate")) {
      Files.writeString(committed, rendered);
    }
    assertThat(rendered).isEqualTo(Files.readString(committed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "everything"})
  void helmHasNothingToSayAgainstIt(String name) {
    Command.Result lint =
        Chart.helm(
            cluster,
            "lint",
            "--strict",
            Chart.FOLDER.toString(),
            "--values",
            CASES.resolve(name).resolve("values.yaml").toString());
    assertThat(lint.exitCode()).as(lint.output()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "replica=2, replica",
    "images.pullPolicy=Sometimes, pullPolicy",
    "allowedStorageEndpoints={minio:9000}, allowedStorageEndpoints",
    "runs.defaultThreads=0, defaultThreads",
    "watchNamespaces={Team_A}, watchNamespaces",
  })
  void aWrongValueIsRefusedByName(String value, String named) {
    Command.Result result =
        Chart.helm(cluster, "template", "x", Chart.FOLDER.toString(), "--set", value);
    assertThat(result.exitCode()).isNotZero();
    assertThat(result.output()).contains(named);
  }

  @Test
  void nobodyIsGrantedSecretsOrEverything() {
    List<PolicyRule> rules =
        objects("--values", CASES.resolve("everything/values.yaml").toString()).stream()
            .flatMap(ChartE2E::rules)
            .toList();
    assertThat(rules)
        .isNotEmpty()
        .allSatisfy(rule -> {
          assertThat(rule.getResources()).doesNotContain("secrets", "*");
          assertThat(rule.getVerbs()).doesNotContain("*", "escalate", "bind", "impersonate");
          assertThat(rule.getApiGroups()).doesNotContain("*");
        });
  }

  @Test
  void itsCrdIsTheOneOfThisBuildAndIsKept() {
    CustomResourceDefinition shipped =
        objects().stream()
            .filter(CustomResourceDefinition.class::isInstance)
            .map(CustomResourceDefinition.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(shipped.getMetadata().getAnnotations())
        .containsExactlyEntriesOf(Map.of("helm.sh/resource-policy", "keep"));
    assertThat(shipped.getSpec()).isEqualTo(InstalledCrd.ofThisBuild(client).getSpec());
    assertThat(objects("--set", "crds.install=false"))
        .noneMatch(CustomResourceDefinition.class::isInstance);
  }

  @Test
  void aRealServerAcceptsAllOfIt(@TempDir Path folder) throws IOException {
    InstalledCrd.ensure(client);
    try (RestrictedNamespace namespace = RestrictedNamespace.create(client)) {
      Path rendered =
          Files.writeString(
              folder.resolve("rendered.yaml"),
              Chart.render(
                  cluster,
                  "dry-" + namespace.name(),
                  namespace.name(),
                  "--set",
                  "networkPolicy.enabled=true,crds.install=false"));
      assertThat(
              Command.run(
                  List.of(
                      cluster.kubectl().toString(),
                      "--kubeconfig",
                      cluster.kubeconfig().toString(),
                      "apply",
                      "--dry-run=server",
                      "--filename",
                      rendered.toString())))
          .contains("deployment.apps/", "validatingadmissionpolicy.admissionregistration.k8s.io/")
          .doesNotContain("Warning");
    }
  }

  private List<HasMetadata> objects(String... arguments) {
    String rendered = Chart.render(cluster, "lora-operator", "lora-operator", arguments);
    return client.load(new ByteArrayInputStream(rendered.getBytes(StandardCharsets.UTF_8))).items();
  }

  private static Stream<PolicyRule> rules(HasMetadata object) {
    return switch (object) {
      case ClusterRole role -> role.getRules().stream();
      case Role role -> role.getRules().stream();
      default -> Stream.of();
    };
  }
}
