package io.loraoperator.trainer.fuzz;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.CheckpointException;
import io.loraoperator.torch.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model in one file: metadata, configuration, names, quantised blocks and the tokenizer. */
public final class GgufFuzzer {

  private static final Bound BOUND =
      new Bound(Bound.FIXED_BYTES, Bound.FOUR_TIMES, CheckpointException.class::isInstance);
  private static final Path FILE = InputFile.named("input.gguf");

  private GgufFuzzer() {}

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    Files.write(FILE, input);
    BOUND.check(
        input.length,
        () -> {
          try (BaseModelFiles model = BaseModelFiles.open(FILE)) {
            for (String name : model.weights().names()) {
              try (Arena memory = Arena.ofShared()) {
                var _ = model.weights().read(name, DType.BFLOAT16, memory).elements();
              }
            }
            var _ = model.tokenizer().encode("hello", true).ids();
          }
        });
  }
}
