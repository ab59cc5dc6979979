package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GgufTest {

  @TempDir Path folder;

  @Test
  void tensorsEqualThoseThatTransformersReads() {
    try (BaseModelFiles model = BaseModelFiles.open(Fixtures.TINY_LLAMA);
        SafetensorsReader expected =
            SafetensorsReader.open(Fixtures.FOLDER.resolve("tiny-llama.expected.safetensors"))) {
      assertThat(model.weights().names()).isEqualTo(expected.names());
      for (String name : expected.names()) {
        HostTensor tensor = model.weights().read(name, DType.FLOAT32);
        assertThat(tensor.shape()).as(name).containsExactly(expected.shape(name));
        assertThat(model.weights().shape(name)).containsExactly(expected.shape(name));
        assertThat(Fixtures.content(tensor))
            .as(name)
            .containsExactly(Fixtures.content(expected.read(name, DType.FLOAT32)));
      }
    }
  }

  @Test
  void dequantisesToSixteenBits() {
    try (BaseModelFiles model = BaseModelFiles.open(Fixtures.TINY_LLAMA)) {
      String name = "model.layers.1.self_attn.q_proj.weight";
      HostTensor wide = model.weights().read(name, DType.FLOAT32);
      HostTensor narrow = model.weights().read(name, DType.BFLOAT16);

      assertThat(Fixtures.content(narrow))
          .containsExactly(
              FloatConversion.convert(wide.data(), ElementType.F32, DType.BFLOAT16, Arena.ofAuto())
                  .toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void configurationEqualsTheOneThatTransformersReads() {
    try (BaseModelFiles model = BaseModelFiles.open(Fixtures.TINY_LLAMA)) {
      assertSameConfig(model.config(), Fixtures.json("tiny-llama.config.json"));
      assertThat(model.config()).containsEntry("tie_word_embeddings", false);
      assertThat(model.chatTemplate())
          .hasValueSatisfying(t -> assertThat(t).contains("<|im_start|>"));
      assertThat(model.sha256()).isEqualTo(FileDigest.sha256(Fixtures.TINY_LLAMA));
      assertThat(model.generationConfig()).isEmpty();
    }
  }

  static void assertSameConfig(Map<String, Object> config, JsonNode expected) {
    expected
        .properties()
        .forEach(entry -> {
          if (entry.getValue().isFloatingPointNumber()) {
            assertThat(((Number) Fixtures.get(config, entry.getKey())).floatValue())
                .as(entry.getKey())
                .isEqualTo(entry.getValue().floatValue());
          } else {
            assertThat(JsonFiles.MAPPER.<JsonNode>valueToTree(config.get(entry.getKey())))
                .as(entry.getKey())
                .isEqualTo(entry.getValue());
          }
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "general.architecture      | qwen9                 | architecture 'qwen9' is not read from GGUF (read: gemma, gemma2, gemma3, gpt2, llama, phi2, phi3, qwen2, qwen3, smollm3)",
        "tokenizer.ggml.model      | bert                  | tokenizer is of kind 'bert'; byte-level BPE ('gpt2') and",
        "tokenizer.ggml.pre        | klingo                | pre-tokenizer 'klingo' is not known (known: dbrx, deepseek-r1-qwen, default, gpt-2, llama-bpe",
      })
  void refusesByNameWhatItDoesNotKnow(String key, String value, String message) throws IOException {
    Path file = replace(key, value);

    assertThatThrownBy(() -> BaseModelFiles.open(file))
        .isInstanceOf(CheckpointException.class)
        .extracting(e -> ((CheckpointException) e).kind())
        .isEqualTo(CheckpointException.Kind.UNSUPPORTED);
    assertThatThrownBy(() -> BaseModelFiles.open(file))
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void anUnknownPreTokenizerIsNoObstacleWithTheOriginalTokenizerBeside() throws IOException {
    Path file = replace("tokenizer.ggml.pre", "klingo");
    try (BaseModelFiles original = BaseModelFiles.open(Fixtures.TINY_LLAMA)) {
      original.tokenizer().saveTo(folder);
    }
    assertThat(file).hasParent(folder);

    try (BaseModelFiles model = BaseModelFiles.open(folder)) {
      assertThat(model.tokenizer().encode("Hello", true).ids()).isNotEmpty();
      assertThat(model.weights().names()).contains("model.norm.weight");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0  | 58         | does not start with 'GGUF'",
        "4  | 01000000   | GGUF version 1 is not read",
        "4  | 00000003   | GGUF version 3 in big-endian order is not read",
        "4  | 09000000   | GGUF version 9 is not read",
        "8  | ffffffffffffff7f | a table of tensors of length 9223372036854775807",
        "16 | ffffffffffffffff | a table of metadata of length 18446744073709551615",
        "24 | 00ffffff00000000 | a string of length 4294967040 at byte 32",
      })
  void refusesDamagedHeaders(int at, String hex, String message) throws IOException {
    byte[] bytes = Files.readAllBytes(Fixtures.TINY_LLAMA);
    byte[] patch = HexFormat.of().parseHex(hex);
    System.arraycopy(patch, 0, bytes, at, patch.length);
    Path file = folder.resolve("damaged.gguf");
    Files.write(file, bytes);

    assertThatThrownBy(() -> GgufFile.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "16 | is quantised as IQ2_XXS, which is not read. Use a file whose tensors are of the types F32, F16, Q4_0,",
        "77 | has the unknown type 77. Use a file whose tensors are of the types F32, F16, Q4_0,",
      })
  void refusesTensorsOfOtherTypes(int type, String message) throws IOException {
    byte[] bytes = Files.readAllBytes(Fixtures.TINY_LLAMA);
    byte[] name = "blk.0.ffn_up.weight".getBytes(StandardCharsets.US_ASCII);
    int dimensions = indexOf(bytes, name) + name.length;
    ByteBuffer tensor = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(tensor.getInt(dimensions)).isEqualTo(2);
    tensor.putInt(dimensions + Integer.BYTES + 2 * Long.BYTES, type);
    Path file = folder.resolve("changed.gguf");
    Files.write(file, bytes);

    assertThatThrownBy(() -> GgufFile.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file + ": tensor 'blk.0.ffn_up.weight' " + message);
  }

  @Test
  void refusesACutOffFile() throws IOException {
    byte[] bytes = Files.readAllBytes(Fixtures.TINY_LLAMA);
    Path file = folder.resolve("cut.gguf");
    for (int length : new int[] {0, 3, 20, 100, 5000, bytes.length - 4096}) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> GgufFile.open(file))
          .as("%d bytes", length)
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("Download the file again");
    }
  }

  /** A copy of the tiny model with one text of its metadata replaced by another of equal length. */
  private Path replace(String key, String value) throws IOException {
    byte[] bytes = Files.readAllBytes(Fixtures.TINY_LLAMA);
    byte[] keyBytes = key.getBytes(StandardCharsets.US_ASCII);
    int length = indexOf(bytes, keyBytes) + keyBytes.length + Integer.BYTES;
    byte[] text = value.getBytes(StandardCharsets.US_ASCII);
    assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(length))
        .isEqualTo(text.length);
    System.arraycopy(text, 0, bytes, length + Long.BYTES, text.length);
    Path file = folder.resolve("changed.gguf");
    Files.write(file, bytes);
    return file;
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int i = 0; i + wanted.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    throw new AssertionError("not in the file");
  }
}
