package io.loraoperator.trainer.cli;

import io.loraoperator.contract.Source;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Paths of this machine that replace the manifest's sources. */
final class SourceOptions {

  @Option(
      names = "--base-model",
      paramLabel = "PATH",
      description = "Model folder or .gguf file instead of spec.baseModel.source.")
  @Nullable Path baseModel;

  @Option(
      names = "--train",
      paramLabel = "PATH",
      description = "Data file or folder instead of spec.dataset.train.source.")
  @Nullable Path train;

  @Option(
      names = "--eval",
      paramLabel = "PATH",
      description = "Data file or folder instead of spec.dataset.evaluation.")
  @Nullable Path evaluation;

  @Option(
      names = "--output",
      paramLabel = "PATH",
      description = "Folder for the results instead of spec.output.destination.")
  @Nullable Path output;

  @Option(
      names = "--initial-adapter",
      paramLabel = "PATH",
      description = "PEFT adapter folder to start from instead of spec.lora.initialAdapter.")
  @Nullable Path initialAdapter;

  /** By the fields that they replace. */
  Map<String, Source.Local> replacements() {
    Map<String, Source.Local> replaced = new LinkedHashMap<>();
    put(replaced, "baseModel.source", baseModel);
    put(replaced, "dataset.train.source", train);
    put(replaced, "dataset.evaluation.source", evaluation);
    put(replaced, "output.destination", output);
    put(replaced, "lora.initialAdapter", initialAdapter);
    return replaced;
  }

  private static void put(Map<String, Source.Local> replaced, String field, @Nullable Path path) {
    if (path != null) {
      replaced.put(field, new Source.Local(path));
    }
  }
}
