package io.loraoperator.trainer.cli;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.ModelWriter;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.ExitCode;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.trainer.merge.AdapterMerge;
import io.loraoperator.trainer.run.AdapterDescription;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lora-trainer merge}. */
@Command(
    name = "merge",
    description = "Write a base model and an adapter as one model, in the base model's precision.",
    mixinStandardHelpOptions = true,
    versionProvider = CommandLines.VersionProvider.class)
final class MergeCommand implements Callable<Integer> {

  @Mixin CommonOptions common = new CommonOptions();

  @Option(
      names = "--base-model",
      required = true,
      paramLabel = "PATH",
      description = "Model folder or .gguf file.")
  Path baseModel = Path.of("");

  @Option(
      names = "--adapter",
      required = true,
      paramLabel = "PATH",
      description = "PEFT adapter folder.")
  Path adapter = Path.of("");

  @Option(
      names = "--output",
      required = true,
      paramLabel = "PATH",
      description = "Folder for the merged model, new or empty.")
  Path output = Path.of("");

  @Option(
      names = "--shard-bytes",
      paramLabel = "N",
      description = "Begin a new weights file beyond this size (default: ${DEFAULT-VALUE}).")
  long shardBytes = ModelWriter.SHARD_BYTES;

  @Spec CommandSpec command = CommandSpec.create();

  private final Shell shell;

  MergeCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    if (shardBytes < 1) {
      throw new ParameterException(
          command.commandLine(), "--shard-bytes must be at least 1, is " + shardBytes);
    }
    if (!isNewOrEmpty()) {
      throw new ParameterException(
          command.commandLine(),
          "--output: %s is not an empty folder: give another one, or empty it".formatted(output));
    }
    return common.run(shell, console -> merge());
  }

  private boolean isNewOrEmpty() {
    if (!Files.exists(output)) {
      return true;
    }
    if (!Files.isDirectory(output)) {
      return false;
    }
    try (Stream<Path> children = Files.list(output)) {
      return children.findAny().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ExitCode merge() {
    try (BaseModelFiles base = BaseModelFiles.openFor(baseModel, adapter)) {
      PeftAdapter read = PeftAdapter.read(adapter);
      AdapterDescription.requireTying(read, Architecture.of(base.config()));
      new AdapterMerge(base, read)
          .write(output, Tokenizer.chatTemplateIn(adapter).orElse(null), shardBytes);
    }
    if (common.json) {
      shell.out().println(ContractJson.write(Map.of("model", output.toString())));
    } else {
      shell.out().println(output);
    }
    return ExitCode.SUCCESS;
  }
}
