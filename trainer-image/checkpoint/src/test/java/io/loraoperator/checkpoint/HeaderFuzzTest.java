package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Files from strangers: whatever the bytes, a header is read or refused, soon and without taking
 * memory that the file's own size does not explain.
 */
class HeaderFuzzTest {

  private static final int INPUTS = 10_000;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /**
   * What parsing may allocate: some objects for each byte of the file, and the parser's buffers.
   */
  private static final long BYTES_PER_BYTE = 64;

  private static final long FIXED_BYTES = 1 << 20;

  @Test
  void safetensors() throws IOException {
    byte[] file =
        Files.readAllBytes(Fixtures.FOLDER.resolve("peft-adapter/adapter_model.safetensors"));
    int header = Long.BYTES + (file[0] & 0xFF) + ((file[1] & 0xFF) << 8);
    fuzz(file, header, bytes -> SafetensorsHeader.read(MemorySegment.ofArray(bytes), "fuzzed"));
  }

  @Test
  void gguf() throws IOException {
    byte[] file = Files.readAllBytes(Fixtures.TINY_LLAMA);
    long header =
        GgufHeader.read(MemorySegment.ofArray(file), "sound").tensors().values().stream()
            .mapToLong(GgufFile.Tensor::offset)
            .min()
            .orElseThrow();
    fuzz(
        file,
        Math.toIntExact(header),
        bytes -> GgufHeader.read(MemorySegment.ofArray(bytes), "fuzzed"));
  }

  @Test
  void manifest() {
    String sha = "00".repeat(32);
    byte[] json =
        """
        {"schemaVersion":1,"uid":"u","specHash":"s","step":12,"time":"2026-01-01T00:00:00Z","files":[
        {"name":"adapter_config.json","size":5,"sha256":"%1$s"},{"name":"adapter_model.safetensors","size":6,"sha256":"%1$s"},
        {"name":"optimizer.safetensors","size":7,"sha256":"%1$s"},{"name":"trainer_state.json","size":8,"sha256":"%1$s"}]}
        """
            .formatted(sha)
            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    fuzz(json, json.length, bytes -> CheckpointManifest.parse(bytes, "fuzzed"));
  }

  private static void fuzz(byte[] sound, int header, Consumer<byte[]> read) {
    read.accept(sound.clone());
    assertTimeout(LIMIT, () -> fuzzWithin(sound, header, read));
  }

  private static void fuzzWithin(byte[] sound, int header, Consumer<byte[]> read) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int refused = 0;
    for (int seed = 0; seed < INPUTS; seed++) {
      byte[] bytes = mutate(sound, header, new Random(seed));
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        read.accept(bytes);
      } catch (CheckpointException e) {
        refused++;
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("input of seed " + seed + " is not refused properly", e);
      }
      assertThat(threads.getCurrentThreadAllocatedBytes() - before)
          .as("allocated for the input of seed %d, %d bytes long", seed, bytes.length)
          .isLessThan(BYTES_PER_BYTE * bytes.length + FIXED_BYTES);
    }
    assertThat(refused).isGreaterThan(INPUTS / 4);
  }

  /** Flips, extreme numbers, cuts, insertions and repetitions, mostly within the header. */
  private static byte[] mutate(byte[] sound, int header, Random random) {
    byte[] bytes = sound.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes && bytes.length > Long.BYTES; i++) {
      int at = random.nextInt(Math.min(header, bytes.length - Long.BYTES));
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> Arrays.fill(bytes, at, at + Long.BYTES, (byte) (random.nextBoolean() ? -1 : 0));
        case 3 -> bytes[at] = (byte) "{}[]\",:0123456789-e".charAt(random.nextInt(19));
        case 4 -> bytes = Arrays.copyOf(bytes, at);
        case 5 -> {
          int length = Math.min(1 + random.nextInt(64), bytes.length - at);
          int to = random.nextInt(Math.min(header, bytes.length - length + 1));
          System.arraycopy(bytes, at, bytes, to, length);
        }
        default -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(16));
          System.arraycopy(bytes, at, longer, at + longer.length - bytes.length, bytes.length - at);
          bytes = longer;
        }
      }
    }
    return bytes;
  }
}
