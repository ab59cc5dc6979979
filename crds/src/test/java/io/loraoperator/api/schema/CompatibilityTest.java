package io.loraoperator.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** No release breaks what an earlier one stored. */
class CompatibilityTest {
  private static final Path RELEASED = Path.of("released");

  /** One test for each CRD in {@code released}; the folder is empty before the first release. */
  @TestFactory
  Stream<DynamicTest> todaysSchemaAcceptsWhatReleasesStored() throws IOException {
    try (Stream<Path> files = Files.list(RELEASED)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream()
          .map(file ->
              DynamicTest.dynamicTest(
                  file.getFileName().toString(),
                  () ->
                      assertThat(
                              Compatibility.breaks(
                                  KubernetesYaml.read(Files.readString(file)), CrdDocument.tree()))
                          .isEmpty()));
    }
  }

  @Test
  void theSameSchemaBreaksNothing() {
    assertThat(Compatibility.breaks(CrdDocument.tree(), CrdDocument.tree())).isEmpty();
  }

  @Test
  void newOptionalFieldsAndValuesBreakNothing() {
    ObjectNode current = CrdDocument.tree();
    ObjectNode lora = at(current, "/properties/spec/properties/lora/properties");
    lora.putObject("fresh").put("type", "string").put("default", "value");
    ((ArrayNode) lora.at("/bias/enum")).add("Some");
    assertThat(Compatibility.breaks(CrdDocument.tree(), current)).isEmpty();
  }

  static Stream<Arguments> incompatibleChanges() {
    return Stream.of(
        change("v1alpha1.spec.lora.rank: is gone", lora -> lora.remove("rank")),
        change(
            "v1alpha1.spec.lora.rank: type was \"integer\" and is \"string\"",
            lora -> object(lora, "rank").put("type", "string")),
        change(
            "v1alpha1.spec.lora.bias: value All is gone",
            lora -> ((ArrayNode) lora.at("/bias/enum")).remove(0)),
        change(
            "v1alpha1.spec.lora.dropout: is limited to some values now",
            lora -> object(lora, "dropout").putArray("enum").add("0")),
        change(
            "v1alpha1.spec.lora.rank: default was 16 and is 8",
            lora -> object(lora, "rank").put("default", 8)),
        change(
            "v1alpha1.spec.lora.rank: maximum is lowered to 64",
            lora -> object(lora, "rank").put("maximum", 64)),
        change(
            "v1alpha1.spec.lora.rank: minimum is raised to 2",
            lora -> object(lora, "rank").put("minimum", 2)),
        change(
            "v1alpha1.spec.lora.layers.to: is required now",
            lora -> object(lora, "layers").putArray("required").add("to")),
        change(
            "v1alpha1.spec.lora.targetModules: x-kubernetes-list-type was \"set\" and is \"atomic\"",
            lora -> object(lora, "targetModules").put("x-kubernetes-list-type", "atomic")),
        change(
            "v1alpha1.spec.lora.targetModules[]: maxLength is lowered to 8",
            lora -> ((ObjectNode) lora.at("/targetModules/items")).put("maxLength", 8)));
  }

  @ParameterizedTest
  @MethodSource("incompatibleChanges")
  void anIncompatibleChangeIsNamed(String named, Consumer<ObjectNode> change) {
    ObjectNode current = CrdDocument.tree();
    change.accept(at(current, "/properties/spec/properties/lora/properties"));
    assertThat(Compatibility.breaks(CrdDocument.tree(), current)).isEqualTo(List.of(named));
  }

  @Test
  void aVersionThatIsGoneIsNamed() {
    ObjectNode current = CrdDocument.tree();
    ((ObjectNode) current.at("/spec/versions/0")).put("name", "v1beta1");
    assertThat(Compatibility.breaks(CrdDocument.tree(), current))
        .containsExactly("version v1alpha1 is gone");
  }

  private static Arguments change(String named, Consumer<ObjectNode> change) {
    return Arguments.of(named, change);
  }

  private static ObjectNode object(ObjectNode parent, String name) {
    return (ObjectNode) parent.path(name);
  }

  private static ObjectNode at(JsonNode crd, String path) {
    return (ObjectNode) CrdDocument.schema(crd).at(path);
  }
}
