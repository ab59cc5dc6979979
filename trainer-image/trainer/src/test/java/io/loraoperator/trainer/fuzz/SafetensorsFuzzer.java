package io.loraoperator.trainer.fuzz;

import io.loraoperator.checkpoint.CheckpointException;
import io.loraoperator.checkpoint.SafetensorsReader;
import io.loraoperator.torch.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/** Weights: header, layout and values. */
public final class SafetensorsFuzzer {

  private static final Bound BOUND =
      new Bound(Bound.FIXED_BYTES, Bound.FOUR_TIMES, CheckpointException.class::isInstance);
  private static final Path FILE = InputFile.named("input.safetensors");

  private SafetensorsFuzzer() {}

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    Files.write(FILE, input);
    BOUND.check(
        input.length,
        () -> {
          try (SafetensorsReader reader = SafetensorsReader.open(FILE)) {
            for (String name : reader.names()) {
              read(reader, name);
            }
          }
        });
  }

  private static void read(SafetensorsReader reader, String name) {
    try (Arena memory = Arena.ofShared()) {
      var _ = reader.read(name, DType.FLOAT32, memory).elements();
    } catch (CheckpointException e) {
      // Integers are no weights; the next tensor may be one.
    }
  }
}
