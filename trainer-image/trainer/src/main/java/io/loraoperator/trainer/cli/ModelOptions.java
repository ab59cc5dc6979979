package io.loraoperator.trainer.cli;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.model.Precision;
import io.loraoperator.model.Quantization;
import io.loraoperator.trainer.artifacts.QuantizationConfig;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

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

  @Option(
      names = "--quantization",
      paramLabel = "Q",
      description =
          "None or NF4: how the base's linear weights are held (default: as the adapter's "
              + QuantizationConfig.FILE
              + " says, which a run over a quantised base writes).")
  @Nullable Format quantization;

  /** How linear weights are held, as {@code spec.baseModel.quantization.type} says it. */
  enum Format {
    None,
    NF4
  }

  @Option(
      names = "--double-quantization",
      description = "With --quantization NF4: quantise the scales of its blocks, too.")
  boolean doubleQuantization;

  /**
   * Refuses an option that would count for nothing.
   *
   * @throws ParameterException naming it
   */
  void check(CommandLine command) {
    if (doubleQuantization && quantization != Format.NF4) {
      throw new ParameterException(
          command,
          "--double-quantization only counts for --quantization NF4: add that, or leave it out");
    }
  }

  /** Loads it. */
  LoadedModel load() {
    return LoadedModel.load(baseModel, adapter, precision, quantization(), threads);
  }

  private @Nullable Quantization quantization() {
    return switch (quantization) {
      case null -> adapter == null ? null : QuantizationConfig.read(adapter);
      case None -> null;
      case NF4 ->
          new Quantization(doubleQuantization, FineTuneSpec.Quantization.DEFAULT_BLOCK_SIZE);
    };
  }
}
