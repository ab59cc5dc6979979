package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the models that llama.cpp's converter wrote (trainer-image/parity/gguf). */
class GgufFamilyTest {

  static final Path FIXTURES = Path.of("..", "parity", "gguf", "fixtures");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama-yarn",
        "mistral",
        "qwen2",
        "qwen3",
        "smollm3",
        "gemma",
        "gemma2",
        "gemma3",
        "phi2",
        "phi3",
        "phi3-longrope",
        "gpt2"
      })
  void idsAreThoseOfTheTokenizerThatWasConverted(String name) throws IOException {
    JsonNode rows = JsonFiles.MAPPER.readTree(FIXTURES.resolve("tokens.json").toFile()).path(name);
    assertThat(rows).isNotEmpty();
    try (BaseModelFiles model = BaseModelFiles.open(FIXTURES.resolve(name + ".gguf"))) {
      for (JsonNode row : rows) {
        String text = row.path("text").asText();
        assertThat(model.tokenizer().encode(text, false).ids())
            .as(text)
            .containsExactly(Fixtures.ints(row.path("ids")));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1000, Integer.MAX_VALUE})
  void refusesANumberOfBlocksThatTheTensorsCannotBe(int blocks, @TempDir Path folder)
      throws IOException {
    byte[] bytes = Files.readAllBytes(FIXTURES.resolve("gemma2.gguf"));
    String key = "gemma2.block_count";
    int at =
        new String(bytes, StandardCharsets.ISO_8859_1).indexOf(key) + key.length() + Integer.BYTES;
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, blocks);
    Path file = Files.write(folder.resolve("changed.gguf"), bytes);

    assertThatThrownBy(() -> BaseModelFiles.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("blocks and has 35 tensors");
  }
}
