package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddedTokensTest {

  private static final JsonNode FACTS = Fixtures.json("added.tokens.json");

  @TempDir Path folder;

  private static List<String> tokens() {
    List<String> tokens = new ArrayList<>();
    FACTS.get("tokens").forEach(token -> tokens.add(token.asText()));
    return tokens;
  }

  @Test
  void idsAndSplittingEqualTransformers() {
    try (BaseModelFiles model = BaseModelFiles.open(Fixtures.TINY_LLAMA, tokens())) {
      assertThat(model.newTokens()).containsExactly(320, 321, 322);
      assertEqualsTransformers(model.tokenizer());
    }
  }

  @Test
  void anAdaptersTokenizerBringsThem() throws IOException {
    Path written = Fixtures.WRITTEN.resolve("added-tokens");
    try (BaseModelFiles model = BaseModelFiles.open(Fixtures.TINY_LLAMA, tokens())) {
      model.tokenizer().saveTo(written);
    }
    try (BaseModelFiles model = BaseModelFiles.openFor(Fixtures.TINY_LLAMA, written)) {
      assertThat(model.newTokens()).containsExactly(320, 321, 322);
      assertThat(model.config()).containsEntry("vocab_size", 323);
      assertEqualsTransformers(model.tokenizer());
    }
    // Loaded in transformers by parity/checkpoint/check_written.py.
    Path golden = Fixtures.FOLDER.resolve("written").resolve("added-tokens");
    for (String name : List.of(TokenizerSource.MODEL_FILE, TokenizerSource.CONFIG_FILE)) {
      assertThat(written.resolve(name)).hasSameTextualContentAs(golden.resolve(name));
    }
  }

  private static void assertEqualsTransformers(Tokenizer tokenizer) {
    assertThat(tokenizer.vocabularySize()).isEqualTo(FACTS.get("size").asInt());
    assertThat(tokens().stream().mapToInt(token -> tokenizer.id(token).orElseThrow()))
        .containsExactly(
            Arrays.stream(Fixtures.ints(FACTS.get("ids"))).boxed().toArray(Integer[]::new));
    for (JsonNode row : FACTS.get("rows")) {
      int[] ids = Fixtures.ints(row.get("ids"));
      assertThat(tokenizer.encode(row.get("text").asText(), true).ids())
          .as(row.get("text").asText())
          .containsExactly(ids);
      assertThat(tokenizer.decode(ids, true)).isEqualTo(row.get("decoded").asText());
    }
  }

  @Test
  void anAdapterWithoutTokensOfItsOwnLeavesTheModelAsItIs() {
    try (BaseModelFiles model = BaseModelFiles.open(Fixtures.TINY_LLAMA)) {
      model.tokenizer().saveTo(folder);
    }
    for (Path adapter : List.of(folder, folder.resolve("none"))) {
      try (BaseModelFiles model = BaseModelFiles.openFor(Fixtures.TINY_LLAMA, adapter)) {
        assertThat(model.newTokens()).isEmpty();
        assertThat(model.config()).containsEntry("vocab_size", 320);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "model.embed_tokens.weight, FLOAT32",
    "lm_head.weight, FLOAT32",
    "lm_head.weight, BFLOAT16"
  })
  void newRowsAreTheMeanOfTheModels(String name, DType type) {
    try (BaseModelFiles plain = BaseModelFiles.open(Fixtures.TINY_LLAMA);
        BaseModelFiles grown = BaseModelFiles.open(Fixtures.TINY_LLAMA, tokens())) {
      assertThat(grown.config()).containsEntry("vocab_size", 323);
      assertThat(grown.weights().shape(name)).containsExactly(323, 64);
      float[] before = floats(plain.weights().read(name, type));
      float[] after = floats(grown.weights().read(name, type));
      assertThat(Arrays.copyOf(after, before.length)).containsExactly(before);
      for (int channel = 0; channel < 64; channel++) {
        double sum = 0;
        for (int row = 0; row < 320; row++) {
          sum += before[row * 64 + channel];
        }
        for (int row = 320; row < 323; row++) {
          assertThat((double) after[row * 64 + channel])
              .isCloseTo(sum / 320, within(type == DType.FLOAT32 ? 1e-8 : 1e-4));
        }
      }
      assertThat(grown.weights().shape("model.norm.weight")).containsExactly(64);
    }
  }

  /** The model has more rows than its tokenizer tokens, as Phi-2 and Qwen have. */
  @Test
  void rowsOfAPaddedModelAreTakenFirst() throws IOException {
    Path padded = padded(324);
    for (var expected : Map.of(3, 324, 4, 324, 6, 326).entrySet()) {
      List<String> tokens = new ArrayList<>();
      for (int i = 0; i < expected.getKey(); i++) {
        tokens.add("<" + i + ">");
      }
      try (BaseModelFiles model = BaseModelFiles.open(padded, tokens)) {
        assertThat(model.newTokens()).hasSize(expected.getKey()).startsWith(320);
        assertThat(model.config()).containsEntry("vocab_size", expected.getValue());
        assertThat(model.weights().shape("lm_head.weight")[0])
            .isEqualTo((long) expected.getValue());
      }
    }
  }

  private Path padded(int rows) throws IOException {
    Path padded = Files.createDirectories(folder.resolve("padded"));
    try (BaseModelFiles model = BaseModelFiles.open(Fixtures.TINY_LLAMA)) {
      model.tokenizer().saveTo(padded);
      ObjectNode config = JsonFiles.MAPPER.valueToTree(model.config());
      Files.write(padded.resolve("config.json"), JsonFiles.pretty(config.put("vocab_size", rows)));
      GrownVocabulary weights = new GrownVocabulary(model.weights(), rows);
      Map<String, HostTensor> tensors = new TreeMap<>();
      weights.names().forEach(name -> tensors.put(name, weights.read(name, DType.FLOAT32)));
      SafetensorsWriter.write(
          padded.resolve("model.safetensors"), tensors, SafetensorsWriter.PYTORCH_METADATA);
    }
    return padded;
  }

  @Test
  void aGapInTheVocabularyIsNamed() throws IOException {
    try (BaseModelFiles model = BaseModelFiles.open(Fixtures.TINY_LLAMA)) {
      model.tokenizer().saveTo(folder);
    }
    ObjectNode tokenizer = JsonFiles.readObject(folder.resolve(TokenizerSource.MODEL_FILE));
    ((ObjectNode) tokenizer.get("model").get("vocab")).put("far away", 321);
    Files.write(folder.resolve(TokenizerSource.MODEL_FILE), JsonFiles.pretty(tokenizer));

    assertThatThrownBy(() -> AddedTokens.to(TokenizerSource.read(folder), List.of("<new>")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("the vocabulary has gaps");
  }

  private static float[] floats(HostTensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.elements())];
    FloatConversion.load(tensor.data(), 0, ElementType.of(tensor.dtype()), values, values.length);
    return values;
  }
}
