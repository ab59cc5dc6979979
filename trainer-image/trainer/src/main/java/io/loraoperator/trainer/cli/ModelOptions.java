package io.loraoperator.trainer.cli;

import io.loraoperator.model.Precision;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model is asked. */
final class ModelOptions {

  @Option(
      names = "--base-model",
      required = true,
      paramLabel = "PATH",
      description = "Model folder or .gguf file.")
  Path baseModel = Path.of("");

  @Option(names = "--adapter", paramLabel = "PATH", description = "PEFT adapter folder.")
  @Nullable Path adapter;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "FLOAT32 or BFLOAT16 (default: ${DEFAULT-VALUE}).")
  Precision precision = Precision.BFLOAT16;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with (default: all processors).")
  int threads;

  /** Loads it. */
  LoadedModel load() {
    return LoadedModel.load(baseModel, adapter, precision, threads);
  }
}
