package io.loraoperator.trainer.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example is whole, and does what its README says on a tiny model of its family. */
class ExamplesTest {

  private static final Path CHECKOUT = Path.of("../..").toAbsolutePath().normalize();
  private static final int STEPS = 2;
  private static final int README_LINES = 25;

  /** Rows of the list of what users try first. */
  private static final int ROWS = 30;

  private static final List<String> FAMILIES =
      List.of(
          "gemma",
          "gemma2",
          "gemma3_text",
          "gpt2",
          "gpt_neo",
          "llama",
          "mistral",
          "opt",
          "phi",
          "phi3",
          "qwen2",
          "qwen3",
          "smollm3");

  @TempDir Path folder;

  static List<Example> examples() throws IOException {
    return Example.all(CHECKOUT);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void saysWhatItIsAndHowToRunIt(Example example) throws IOException {
    Path readme = example.folder().resolve("README.md");
    String path = "examples/" + example.name() + "/";

    assertThat(readme).exists();
    assertThat(Files.readAllLines(readme)).hasSizeLessThanOrEqualTo(README_LINES);
    assertThat(readme)
        .content()
        .contains("kubectl apply -f " + path + "finetune.yaml")
        .contains("lora-trainer train " + path + "finetune.yaml")
        .contains(path + "data/" + example.data().getFileName());
    assertThat(example.name()).endsWith(example.tree().at("/metadata/name").asText());
    if (!example.model().startsWith("s3:")) {
      assertThat(readme).content().contains(example.model());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void trainsOnEveryRow(Example example) throws IOException {
    Example.Run run = example.run(STEPS, folder);

    JsonNode audit = run.audit();
    assertThat(audit.path("rows").asInt()).isGreaterThanOrEqualTo(4);
    int used = audit.path("usedRows").asInt();
    assertThat(used + audit.path("evaluationRows").asInt()).isEqualTo(audit.path("rows").asInt());
    assertThat(audit.path("truncatedRows").asInt()).isZero();
    assertThat(audit.path("trainedTokens").asInt()).isPositive();
    JsonNode manifest = example.tree();
    if (manifest.at("/spec/dataset/prompt/messages").isMissingNode()) {
      // A chat ends as its template ends it, with a mark that the tiny model does not end by.
      assertThat(audit.path("rowsTrainingEnd").asInt())
          .as("rows whose end is learned")
          .isEqualTo(used);
    }
    boolean all = manifest.at("/spec/loss/tokens").asText().equals("All");
    assertThat(audit.path("maskedTokens").asInt() == used)
        .as("nothing but each row's first token is masked: %s", audit)
        .isEqualTo(all);
    assertThat(run.losses())
        .hasSize(STEPS)
        .allSatisfy(loss -> assertThat(loss).isBetween(0.1, 20.0));
    assertThat(run.adapter().resolve("adapter_model.safetensors")).isNotEmptyFile();
  }

  @Test
  void theListNamesEveryFolderAndEveryRow() throws IOException {
    String list = Files.readString(CHECKOUT.resolve("examples/README.md"));
    assertThat(examples())
        .allSatisfy(example -> assertThat(list).contains("](" + example.name() + "/)"));
    assertThat(IntStream.rangeClosed(1, ROWS))
        .allSatisfy(row -> assertThat(list).contains("\n| " + row + " |"));
  }

  @Test
  void everyFamilyHasAnExample() throws IOException {
    TreeSet<String> families = new TreeSet<>();
    for (Example example : examples()) {
      families.add(example.family().modelType());
    }
    assertThat(families).containsExactlyInAnyOrderElementsOf(FAMILIES);
  }
}
