package io.loraoperator.trainer.cli;

import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.ExitCode;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.FineTuneSpec.Loss;
import io.loraoperator.contract.FineTuneSpec.LossTokens;
import io.loraoperator.contract.FineTuneSpec.Prompt;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.Source;
import io.loraoperator.contract.SpecReader;
import io.loraoperator.model.Evaluation;
import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.dataset.DataFiles;
import io.loraoperator.trainer.loop.Evaluator;
import io.loraoperator.trainer.loop.StopSignal;
import io.loraoperator.trainer.mask.EncodedData;
import io.loraoperator.trainer.mask.RowEncoder;
import io.loraoperator.trainer.prompt.ModelTemplates;
import io.loraoperator.trainer.prompt.PromptFormatter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code lora-trainer evaluate}. */
@Command(
    name = "evaluate",
    description = "Measure loss, perplexity and token accuracy over the trained tokens of data.",
    mixinStandardHelpOptions = true,
    versionProvider = CommandLines.VersionProvider.class)
final class EvaluateCommand implements Callable<Integer> {

  private static final int USUAL_MAX_LENGTH = 1024;

  @Mixin ModelOptions options = new ModelOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "PATH",
      description = "Data file or folder.")
  Path data = Path.of("");

  @Option(
      names = "--manifest",
      paramLabel = "FILE",
      description =
          "Manifest whose spec.dataset and spec.loss say what is measured; format and rows are those"
              + " of its evaluation data, or else of its training data.")
  @Nullable Path manifest;

  @Option(
      names = "--text-field",
      paramLabel = "NAME",
      description = "Without a manifest: measure the whole text of this field.")
  @Nullable String textField;

  @Option(
      names = "--prompt-field",
      paramLabel = "NAME",
      description = "Without a manifest: the prompt (default: ${DEFAULT-VALUE}).")
  String promptField = "prompt";

  @Option(
      names = "--completion-field",
      paramLabel = "NAME",
      description = "Without a manifest: what is measured (default: ${DEFAULT-VALUE}).")
  String completionField = "completion";

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Rows at once (default: ${DEFAULT-VALUE}).")
  int batchSize = 8;

  @Spec CommandSpec command = CommandSpec.create();

  private final Shell shell;

  EvaluateCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    options.check(command.commandLine());
    refuse("--manifest", "--text-field", "--prompt-field", "--completion-field");
    refuse("--text-field", "--prompt-field", "--completion-field");
    return common.run(shell, console -> evaluate());
  }

  /** Refuses options that would count for nothing beside another one. */
  private void refuse(String option, String... others) {
    ParseResult given = command.commandLine().getParseResult();
    for (String other : others) {
      if (given.hasMatchedOption(option) && given.hasMatchedOption(other)) {
        throw new ParameterException(
            command.commandLine(),
            "%s counts for nothing beside %s: leave one of them out".formatted(other, option));
      }
    }
  }

  private ExitCode evaluate() {
    try (LoadedModel loaded = options.load()) {
      EncodedData rows = rows(loaded);
      if (rows.rows().isEmpty()) {
        throw new RunFailure(
            Reason.NoTrainableTokens,
            "%s: none of its %d rows has a token to measure".formatted(data, rows.counts().rows()));
      }
      List<Row> encoded =
          rows.rows().stream().map(row -> new Row(row.ids(), row.trained())).toList();
      print(rows, new Evaluator(loaded.model(), encoded, batchSize, new StopSignal()).evaluate());
      return ExitCode.SUCCESS;
    }
  }

  private EncodedData rows(LoadedModel loaded) {
    Prompt prompt;
    Loss loss;
    int maxLength;
    FineTuneSpec.Overlong overlong;
    FineTuneSpec.Format format;
    FineTuneSpec.Rows slice = new FineTuneSpec.Rows(0, null);
    if (manifest == null) {
      prompt =
          textField == null
              ? new Prompt.PromptCompletion(promptField, completionField)
              : new Prompt.Text(textField);
      loss = new Loss(textField == null ? LossTokens.Completion : LossTokens.All, null, null);
      maxLength = USUAL_MAX_LENGTH;
      overlong = FineTuneSpec.Overlong.Truncate;
      format = FineTuneSpec.Format.Auto;
    } else {
      Source.Local unused = new Source.Local(data);
      FineTuneSpec spec =
          SpecReader.read(
              ManifestFile.readSpec(manifest),
              Map.of(
                  "baseModel.source", unused,
                  "dataset.train.source", unused,
                  "output.destination", unused));
      prompt = spec.dataset().prompt();
      loss = spec.loss();
      maxLength = spec.dataset().maxLength();
      overlong = spec.dataset().overlong();
      FineTuneSpec.DataFile described =
          spec.dataset().evaluation() instanceof FineTuneSpec.Evaluation.OwnData own
              ? own.data()
              : spec.dataset().train();
      format = described.format();
      slice = described.rows();
    }
    DataFiles files = new DataFiles(data, format, slice);
    return EncodedData.read(
        files,
        PromptFormatter.of(prompt, loss, files.columns(), ModelTemplates.of(loaded.files())),
        new RowEncoder(loaded.files().tokenizer(), maxLength),
        overlong,
        (text, row) -> {});
  }

  private void print(EncodedData rows, Evaluation measured) {
    double loss = measured.lossSum() / measured.trainedTokens();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("loss", loss);
    values.put("perplexity", Math.exp(loss));
    values.put("tokenAccuracy", (double) measured.correctTokens() / measured.trainedTokens());
    values.put("rows", rows.counts().usedRows());
    values.put("trainedTokens", measured.trainedTokens());
    if (common.json) {
      shell.out().println(ContractJson.write(values));
    } else {
      values.forEach((name, value) -> shell.out().printf("%-16s %s%n", name, value));
    }
  }
}
