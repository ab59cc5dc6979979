package io.loraoperator.trainer.cli;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.ExitCode;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.trainer.mask.DataCounts;
import io.loraoperator.trainer.mask.EncodedRow;
import io.loraoperator.trainer.run.PreparedData;
import io.loraoperator.trainer.run.SourceFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lora-trainer audit}. */
@Command(
    name = "audit",
    description =
        "Show what of the data is trained and what is masked, before anything is trained.",
    mixinStandardHelpOptions = true,
    versionProvider = CommandLines.VersionProvider.class)
final class AuditCommand implements Callable<Integer> {

  private static final String BOLD_GREEN = "\u001B[1;32m";
  private static final String PLAIN = "\u001B[0m";

  @Mixin ManifestOptions options = new ManifestOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Option(
      names = "--show",
      paramLabel = "N",
      description = "Print the first N rows with the trained text marked.")
  int show;

  private final Shell shell;

  AuditCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    return common.run(shell, this::audit);
  }

  private ExitCode audit(Console console) {
    FineTuneSpec spec = options.spec();
    SourceFiles files = options.files(shell, console);
    try (BaseModelFiles base = files.open(spec.baseModel())) {
      Tokenizer tokenizer = base.tokenizer();
      List<String> shown = new ArrayList<>();
      PreparedData data =
          PreparedData.of(
              spec,
              files,
              base,
              (text, row) -> {
                if (shown.size() < show) {
                  shown.add(marked(row, tokenizer));
                }
              });
      if (common.json) {
        shell.out().println(ContractJson.write(values(data)));
      } else {
        shown.forEach(row -> shell.out().println(row + System.lineSeparator()));
        values(data).forEach((name, value) -> shell.out().printf("%-22s %s%n", name, value));
      }
      data.warnings().forEach(console::warn);
      return ExitCode.SUCCESS;
    }
  }

  private static Map<String, Object> values(PreparedData data) {
    DataCounts counts = data.train().counts();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("rows", counts.rows());
    values.put("usedRows", counts.usedRows());
    values.put("truncatedRows", counts.truncatedRows());
    values.put("droppedRows", counts.droppedRows());
    values.put("tokens", counts.tokens());
    values.put("trainedTokens", counts.trainedTokens());
    values.put("maskedTokens", counts.maskedTokens());
    values.put("straddlingTokens", counts.straddlingTokens());
    values.put("rowsTrainingEnd", counts.rowsTrainingEnd());
    values.put("longestRow", counts.longestRow());
    values.put("evaluationRows", evaluationRows(data));
    values.put("sequences", data.plan().sequences());
    values.put("stepsPerEpoch", data.plan().stepsPerEpoch());
    values.put("totalSteps", data.plan().totalSteps());
    values.put("sha256", counts.sha256());
    return values;
  }

  private static int evaluationRows(PreparedData data) {
    return data.evaluation() == null ? 0 : data.evaluation().rows().size();
  }

  /** A row's text with the trained parts between marks, or in colour in a terminal. */
  private String marked(EncodedRow row, Tokenizer tokenizer) {
    StringBuilder text = new StringBuilder();
    int from = 0;
    while (from < row.ids().length) {
      int to = from;
      while (to < row.ids().length && row.trained()[to] == row.trained()[from]) {
        to++;
      }
      String part = tokenizer.decode(Arrays.copyOfRange(row.ids(), from, to), false);
      text.append(row.trained()[from] ? mark(part) : part);
      from = to;
    }
    return text.toString();
  }

  private String mark(String part) {
    return shell.terminal() ? BOLD_GREEN + part + PLAIN : "[[" + part + "]]";
  }
}
