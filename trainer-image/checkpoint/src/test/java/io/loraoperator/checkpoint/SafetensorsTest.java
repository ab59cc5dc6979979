package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

  @TempDir Path folder;

  @Test
  void everyTypeAndShapeComesBackAsItWas() {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    tensors.put("f32", Fixtures.floats(new long[] {2, 2}, 1, -0f, Float.NaN, 4));
    tensors.put("f16", Fixtures.bytes(DType.FLOAT16, new long[] {2}, "003c00c0"));
    tensors.put("bf16", Fixtures.bytes(DType.BFLOAT16, new long[] {1, 1}, "803f"));
    tensors.put("i64", Fixtures.bytes(DType.INT64, new long[] {1}, "ffffffffffffff7f"));
    tensors.put("i32", Fixtures.bytes(DType.INT32, new long[] {1}, "01000080"));
    tensors.put("u8", Fixtures.bytes(DType.UINT8, new long[] {3}, "00ff10"));
    tensors.put("bool", Fixtures.bytes(DType.BOOL, new long[] {2}, "0100"));
    tensors.put("scalar", Fixtures.floats(new long[0], 7));
    tensors.put("empty", Fixtures.floats(new long[] {0, 5}));
    tensors.put("ünïcode \"quoted\"\n", Fixtures.floats(new long[] {1}, 1));
    Path file = folder.resolve("all.safetensors");

    SafetensorsWriter.write(file, tensors, Map.of("format", "pt", "by", "test"));
    Map<String, HostTensor> read = SafetensorsReader.load(file);

    assertThat(read.keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
    tensors.forEach((name, tensor) -> {
      HostTensor back = Fixtures.get(read, name);
      assertThat(back.dtype()).isEqualTo(tensor.dtype());
      assertThat(back.shape()).containsExactly(tensor.shape());
      assertThat(Fixtures.content(back)).containsExactly(Fixtures.content(tensor));
    });
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertThat(reader.metadata()).isEqualTo(Map.of("by", "test", "format", "pt"));
    }
  }

  @Test
  void writesTheReferenceImplementationsBytes() throws IOException {
    for (String name :
        List.of("tiny-llama.expected.safetensors", "peft-adapter/adapter_model.safetensors")) {
      Path reference = Fixtures.FOLDER.resolve(name);
      Path ours = folder.resolve("ours.safetensors");

      SafetensorsWriter.write(
          ours, SafetensorsReader.load(reference), SafetensorsWriter.PYTORCH_METADATA);

      assertThat(ours).hasSameBinaryContentAs(reference);
    }
  }

  @Test
  void readsOneTypeAsAnother() {
    Path file = folder.resolve("m.safetensors");
    SafetensorsWriter.write(
        file, Map.of("w", Fixtures.floats(new long[] {2}, 1.5f, -2f)), Map.of());
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertThat(reader.read("w", DType.BFLOAT16).data().toArray(ValueLayout.JAVA_SHORT_UNALIGNED))
          .containsExactly((short) 0x3FC0, (short) 0xC000);
      assertThatThrownBy(() -> reader.read("w", DType.INT32))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("'w' holds F32, which cannot be read as INT32");
      assertThatThrownBy(() -> reader.read("v", DType.FLOAT32))
          .isInstanceOf(NoSuchElementException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void readsFilesLargerThanTwoGibibytes() throws IOException {
    long size = (1L << 31) + 5;
    byte[] header =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[%1$d],\"data_offsets\":[0,%1$d]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%1$d,%2$d]}}"
            .formatted(size, size + 4)
            .getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("large.safetensors");
    Files.write(file, file(header.length, header, 0));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      // A hole: the file takes no space on the disk.
      channel.write(ByteBuffer.wrap(new byte[] {0, 0, (byte) 0x80, 0x3F}), channel.size() + size);
    }

    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertThat(reader.read("a", DType.UINT8).elements()).isEqualTo(size);
      assertThat(reader.read("b", DType.FLOAT32).data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED))
          .containsExactly(1f);
    }
  }

  @Test
  void replacesAFileAndLeavesNothingElse() throws IOException {
    Path file = folder.resolve("m.safetensors");
    SafetensorsWriter.write(file, Map.of("a", Fixtures.floats(new long[] {1}, 1)), Map.of());
    SafetensorsWriter.write(file, Map.of("b", Fixtures.floats(new long[] {1}, 1)), Map.of());

    assertThat(SafetensorsReader.load(file)).containsOnlyKeys("b");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                                                    | 0 | does not start with '{'",
        "{\"a\":1}                                                             | 0 | a: expected START_OBJECT",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}       | 4 | not valid JSON",
        "{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}      | 4 | unknown dtype 'F33'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}      | 4 | needs 8 bytes by its shape, its offsets give 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}     | 4 | a.shape is out of range",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}    | 4 | a.shape: expected VALUE_NUMBER_INT",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}      | 4 | file is cut off or damaged",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}    | 4 | a.data_offsets is out of range",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}        | 4 | lacks dtype, shape or two data_offsets",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}      | 0 | file is cut off or damaged",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}      | 9 | 5 bytes follow the last tensor",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}      | 8 | 'a' leaves a gap to the bytes before it",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,4],\"data_offsets\":[0,4]}} | 4 | shape of tensor 'a' overflows",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}  | 4 | not valid JSON",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | 8 | Duplicate field 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}} | 6 | 'b' overlaps the bytes before it",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":0}}  | 4 | unknown field 'x'",
        "{\"__metadata__\":{\"a\":1}}                                          | 0 | __metadata__.a: expected VALUE_STRING",
        "{} {}                                                                 | 0 | text after the header",
      })
  void refusesDamagedHeaders(String json, int dataBytes, String message) throws IOException {
    Path file = folder.resolve("bad.safetensors");
    byte[] header = json.strip().getBytes(StandardCharsets.UTF_8);
    Files.write(file, file(header.length, header, dataBytes));

    assertThatThrownBy(() -> SafetensorsReader.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message)
        .hasMessageContaining("Download or write the file again");
  }

  @ParameterizedTest
  @CsvSource({
    "0, header length 0 is out of range",
    "-1, header length 18446744073709551615 is out of range",
    "9000000000, header length 9000000000 is out of range",
    "1000, 'the header has 1000 bytes, the file only 10: it is cut off'"
  })
  void refusesHeaderBombs(long length, String message) throws IOException {
    Path file = folder.resolve("bomb.safetensors");
    Files.write(file, file(length, new byte[] {'{', '}'}, 0));

    assertThatThrownBy(() -> SafetensorsReader.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message);
  }

  private static byte[] file(long length, byte[] header, int dataBytes) {
    return ByteBuffer.allocate(Long.BYTES + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(header)
        .array();
  }
}
