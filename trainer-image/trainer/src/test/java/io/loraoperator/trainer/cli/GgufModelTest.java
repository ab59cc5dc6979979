package io.loraoperator.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loraoperator.checkpoint.SafetensorsReader;
import io.loraoperator.model.Precision;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * GGUF models compute what transformers computed from the same models before llama.cpp's converter
 * wrote them (trainer-image/parity/gguf).
 */
class GgufModelTest {

  private static final Path FIXTURES = Path.of("..", "parity", "gguf", "fixtures");
  private static final double TOLERANCE = 1e-4;

  @TempDir Path folder;

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
  void logitsAreThoseOfTransformers(String name) {
    assertLogits(FIXTURES.resolve(name + ".gguf"), name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sharded", "sharded/qwen2-00001-of-00003.gguf"})
  void aModelInSeveralFilesIsTheSameModel(String path) {
    assertLogits(FIXTURES.resolve(path), "qwen2");
  }

  private static void assertLogits(Path model, String name) {
    try (LoadedModel loaded = LoadedModel.load(model, null, Precision.FLOAT32, null, 1);
        SafetensorsReader expected =
            SafetensorsReader.open(FIXTURES.resolve(name + ".safetensors"))) {
      long[] ids =
          expected.read("ids", DType.INT64).data().toArray(ValueLayout.JAVA_LONG_UNALIGNED);
      HostTensor logits = expected.read("logits", DType.FLOAT32);
      float[] computed =
          loaded.model().logits(LongStream.of(ids).mapToInt(Math::toIntExact).toArray());
      float[] wanted = logits.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
      assertThat(computed).hasSameSizeAs(wanted);
      double off =
          IntStream.range(0, wanted.length)
              .mapToDouble(i -> Math.abs(computed[i] - wanted[i]))
              .max()
              .orElseThrow();
      assertThat(off).isLessThan(TOLERANCE);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "qwen3 | blk.1.attn_q.weight       | blk.1.attn_x.weight       | tensor 'blk.1.attn_x.weight' does not belong to the qwen3 family",
        "qwen3 | blk.1.attn_q.weight       | blk.7.attn_q.weight       | model.layers.1.self_attn.q_proj.weight",
        "gpt2  | position_embd.weight      | position_embd.biased      | tensor 'position_embd.biased' does not belong",
        "qwen3 | qwen3.feed_forward_length | qwen3.feed_forward_lengtx | has no metadata 'qwen3.feed_forward_length'",
        "gemma2 | gemma2.attention.sliding_window | gemma2.attention.sliding_wondow | has 'gemma2.attention.sliding_wondow' = 16, which is not known",
      })
  void refusesByNameWhatIsMissingOrTooMuch(String name, String text, String other, String message)
      throws IOException {
    byte[] bytes = Files.readAllBytes(FIXTURES.resolve(name + ".gguf"));
    byte[] replacement = other.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(replacement, 0, bytes, indexOf(bytes, text), replacement.length);
    Path file = folder.resolve("changed.gguf");
    Files.write(file, bytes);

    assertThatThrownBy(() -> LoadedModel.load(file, null, Precision.FLOAT32, null, 1))
        .hasMessageContaining(message);
  }

  @Test
  void refusesByNameATensorOfAnotherShape() throws IOException {
    byte[] bytes = Files.readAllBytes(FIXTURES.resolve("qwen3.gguf"));
    String key = "qwen3.feed_forward_length";
    int at = indexOf(bytes, key) + key.length() + Integer.BYTES;
    assertThat(bytes[at]).isEqualTo((byte) 40);
    bytes[at] = 39;
    Path file = folder.resolve("changed.gguf");
    Files.write(file, bytes);

    assertThatThrownBy(() -> LoadedModel.load(file, null, Precision.FLOAT32, null, 1))
        .hasMessageContaining("model.layers.0.mlp.gate_proj.weight")
        .hasMessageContaining("[40, 24]");
  }

  private static int indexOf(byte[] bytes, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i + wanted.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    throw new AssertionError("not in the file");
  }
}
