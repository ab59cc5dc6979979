package io.loraoperator.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.api.spec.LoraFineTuneSpec;
import io.loraoperator.contract.SpecField;
import io.loraoperator.contract.SpecFields;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The manifests in {@code valid} and {@code invalid}, as far as they can be judged without an API
 * server; what the server says to them is for the end-to-end tests.
 */
class FixturesTest {
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Path> valid() {
    return files("valid");
  }

  @ParameterizedTest
  @MethodSource("valid")
  void theTypesLoseNothingOfAValidManifest(Path file) throws IOException {
    JsonNode spec = KubernetesYaml.read(Files.readString(file)).get("spec");
    LoraFineTuneSpec read =
        JSON.reader()
            .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .treeToValue(spec, LoraFineTuneSpec.class);
    assertThat(leaves(JSON.valueToTree(read))).isEqualTo(leaves(spec));
  }

  @Test
  void theValidManifestsUseEveryField() {
    Set<String> used =
        valid()
            .flatMap(file -> leaves(tree(file).get("spec")).stream())
            .collect(Collectors.toSet());
    List<String> unused =
        SpecFields.all().stream()
            .map(SpecField::path)
            .filter(path -> used.stream().noneMatch(leaf -> leaf.startsWith(path)))
            .toList();
    assertThat(unused).isEmpty();
  }

  @Test
  void everyRuleHasAnInvalidManifest() {
    List<String> expected = files("invalid").map(FixturesTest::firstLine).toList();
    List<String> rules =
        CrdDocument.schema(CrdDocument.tree()).findValues("x-kubernetes-validations").stream()
            .flatMap(JsonNode::valueStream)
            .map(rule -> rule.get("message").asText())
            .distinct()
            .toList();
    assertThat(rules)
        .isNotEmpty()
        .allSatisfy(
            rule -> assertThat(expected).as(rule).anyMatch(message -> message.contains(rule)));
  }

  @Test
  void everyInvalidManifestSaysWhatItMustGet() {
    assertThat(files("invalid")).allSatisfy(file -> assertThat(firstLine(file)).startsWith("# "));
  }

  private static Stream<Path> files(String folder) {
    try (Stream<Path> files = Files.list(RESOURCES.resolve(folder))) {
      return files.sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String firstLine(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.findFirst().orElse("");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode tree(Path file) {
    try {
      return KubernetesYaml.read(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Path and value of every leaf; an integer quantity counts as the string it becomes. */
  private static Set<String> leaves(JsonNode tree) {
    Set<String> leaves = new TreeSet<>();
    collect("", tree, leaves);
    return leaves;
  }

  private static void collect(String path, JsonNode node, Set<String> leaves) {
    String prefix = path.isEmpty() ? "" : path + ".";
    if (node.isObject()) {
      node.properties()
          .forEach(entry -> collect(prefix + entry.getKey(), entry.getValue(), leaves));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collect(prefix + i, node.get(i), leaves);
      }
    } else {
      leaves.add(path + "=" + node.asText());
    }
  }
}
