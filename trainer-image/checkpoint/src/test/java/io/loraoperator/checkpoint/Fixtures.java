package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Reference files that trainer-image/parity/checkpoint/make_fixtures.py made, and small tensors.
 */
final class Fixtures {

  static final Path FOLDER = Path.of("..", "parity", "checkpoint", "fixtures");
  static final Path TINY_LLAMA = FOLDER.resolve("tiny-llama.gguf");

  /**
   * Where tests write what is compared with the golden files in fixtures/written. After an intended
   * change, copy this folder over those and run check_written.py.
   */
  static final Path WRITTEN = Path.of("target", "written");

  private Fixtures() {}

  static JsonNode json(String name) {
    try {
      return JsonFiles.MAPPER.readTree(Files.readAllBytes(FOLDER.resolve(name)));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static HostTensor floats(long[] shape, float... values) {
    return new HostTensor(DType.FLOAT32, shape, MemorySegment.ofArray(values));
  }

  static HostTensor bytes(DType type, long[] shape, String hex) {
    MemorySegment memory = Arena.ofAuto().allocate(hex.length() / 2, 8);
    MemorySegment.copy(
        HexFormat.of().parseHex(hex), 0, memory, ValueLayout.JAVA_BYTE, 0, hex.length() / 2);
    return new HostTensor(type, shape, memory);
  }

  static byte[] content(HostTensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }

  static <V> V get(Map<String, V> map, String key) {
    return Objects.requireNonNull(map.get(key), () -> "there is no " + key);
  }

  static int[] ints(JsonNode array) {
    int[] ints = new int[array.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = array.get(i).asInt();
    }
    return ints;
  }

  static void copyFolder(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
