package io.loraoperator.e2e.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.ClusterExtension;
import io.loraoperator.e2e.cluster.RestrictedNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The API server accepts what is valid and says of the rest what a user can act on. */
@ExtendWith(ClusterExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class CustomResourceValidationE2E {
  private static final Path MANIFESTS = Path.of("../crds/src/test/resources");

  private final KubernetesClient client;
  private final RestrictedNamespace namespace;

  CustomResourceValidationE2E(KubernetesClient client) {
    this.client = client;
    InstalledCrd.ensure(client);
    this.namespace = RestrictedNamespace.create(client);
  }

  @AfterAll
  void deleteNamespace() {
    namespace.close();
  }

  static Stream<Path> valid() {
    return manifests("valid");
  }

  static Stream<Path> invalid() {
    return manifests("invalid");
  }

  @ParameterizedTest
  @MethodSource("valid")
  void aValidManifestIsAccepted(Path manifest) throws Exception {
    ManifestPost answer = ManifestPost.of(client, namespace.name(), Files.readString(manifest));
    assertThat(answer.accepted()).as(answer.body()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void anInvalidManifestGetsTheMessageOfItsFirstLine(Path manifest) throws Exception {
    String yaml = Files.readString(manifest);
    String expected = yaml.lines().findFirst().orElseThrow().substring("# ".length());
    ManifestPost answer = ManifestPost.of(client, namespace.name(), yaml);
    assertThat(answer.accepted()).isFalse();
    assertThat(new ObjectMapper().readTree(answer.body()).path("message").asText())
        .contains(expected);
  }

  @Test
  void aMinimalManifestIsFilledWithDefaults() throws Exception {
    ManifestPost answer =
        ManifestPost.of(
            client, namespace.name(), Files.readString(MANIFESTS.resolve("valid/minimal.yaml")));
    JsonNode spec = new ObjectMapper().readTree(answer.body()).path("spec");
    assertThat(spec.at("/training/learningRate").asText()).isEqualTo("2e-4");
    assertThat(spec.at("/training/optimizer/epsilon").asText()).isEqualTo("1e-8");
    assertThat(spec.at("/training/schedule/type").asText()).isEqualTo("Linear");
    assertThat(spec.at("/lora/rank").asInt()).isEqualTo(16);
    assertThat(spec.at("/resources/gpus").asInt()).isEqualTo(1);
    assertThat(spec.at("/restart").isTextual()).isTrue();
    assertThat(spec.at("/loss").isMissingNode()).isTrue();
  }

  @Test
  void twoOwnersOfConditionsDoNotOverwriteEachOther() {
    client
        .resources(LoraFineTune.class)
        .inNamespace(namespace.name())
        .load(MANIFESTS.resolve("valid/minimal.yaml").toFile())
        .create();
    applyCondition("lora-operator", "Accepted", "Valid");
    applyCondition("lora-reporter", "ProgressReporting", "Fresh");
    applyCondition("lora-operator", "Accepted", "Valid");
    assertThat(
            client
                .resources(LoraFineTune.class)
                .inNamespace(namespace.name())
                .withName("minimal")
                .get()
                .getStatus()
                .conditions())
        .extracting("type")
        .containsExactlyInAnyOrder("Accepted", "ProgressReporting");
  }

  private void applyCondition(String manager, String type, String reason) {
    GenericKubernetesResource patch =
        new GenericKubernetesResourceBuilder()
            .withApiVersion(LoraFineTune.GROUP + "/" + LoraFineTune.VERSION)
            .withKind(LoraFineTune.KIND)
            .withNewMetadata()
            .withName("minimal")
            .withNamespace(namespace.name())
            .endMetadata()
            .build();
    patch.setAdditionalProperty(
        "status",
        Map.of(
            "conditions",
            List.of(
                Map.of(
                    "type", type,
                    "status", "True",
                    "reason", reason,
                    "message", "",
                    "lastTransitionTime", "2026-01-01T00:00:00Z"))));
    client
        .resource(patch)
        .subresource("status")
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(manager)
                .build());
  }

  private static Stream<Path> manifests(String folder) {
    try (Stream<Path> files = Files.list(MANIFESTS.resolve(folder))) {
      List<Path> sorted = files.sorted().toList();
      assertThat(sorted).isNotEmpty();
      return sorted.stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
