package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loraoperator.torch.DType;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardedSafetensorsTest {

  @TempDir Path folder;
  Path index;

  @BeforeEach
  void writeShards() {
    index = folder.resolve("model.safetensors.index.json");
    SafetensorsWriter.write(
        folder.resolve("one.safetensors"),
        Map.of("a", Fixtures.floats(new long[] {1}, 1), "b", Fixtures.floats(new long[] {1}, 2)),
        Map.of());
    SafetensorsWriter.write(
        folder.resolve("two.safetensors"),
        Map.of("c", Fixtures.floats(new long[] {2}, 3, 4)),
        Map.of());
  }

  @Test
  void readsTensorsFromTheirShards() throws IOException {
    writeIndex("{\"a\":\"one.safetensors\",\"b\":\"one.safetensors\",\"c\":\"two.safetensors\"}");
    try (ShardedSafetensors weights = ShardedSafetensors.open(index)) {
      assertThat(weights.names()).containsExactly("a", "b", "c");
      assertThat(weights.shape("c")).containsExactly(2);
      assertThat(weights.read("c", DType.FLOAT32).data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED))
          .containsExactly(3, 4);
      assertThat(weights.files())
          .containsExactly(folder.resolve("one.safetensors"), folder.resolve("two.safetensors"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | has no object 'weight_map'",
        "{} | has no object 'weight_map'",
        "{\"a\":1} | not the plain name of a safetensors file",
        "{\"a\":\"../one.safetensors\"} | not the plain name of a safetensors file",
        "{\"a\":\"/etc/one.safetensors\"} | not the plain name of a safetensors file",
        "{\"a\":\"sub\\\\one.safetensors\"} | not the plain name of a safetensors file",
        "{\"a\":\"one.bin\"} | not the plain name of a safetensors file",
        "{\"a\":\"three.safetensors\"} | no such file",
        "{\"a\":\"one.safetensors\",\"b\":\"one.safetensors\",\"c\":\"one.safetensors\"} | names tensor 'c' in one.safetensors",
        "{\"a\":\"one.safetensors\",\"c\":\"two.safetensors\"} | one.safetensors holds tensor 'b', which the index places in no file",
        "{\"a\":\"one.safetensors\",\"a\":\"two.safetensors\"} | Duplicate field 'a'",
      })
  void refusesBrokenIndexes(String weightMap, String message) throws IOException {
    writeIndex(weightMap);

    assertThatThrownBy(() -> ShardedSafetensors.open(index))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(folder.toString());
  }

  private void writeIndex(String weightMap) throws IOException {
    Files.writeString(index, "{\"metadata\":{},\"weight_map\":" + weightMap + "}");
  }
}
