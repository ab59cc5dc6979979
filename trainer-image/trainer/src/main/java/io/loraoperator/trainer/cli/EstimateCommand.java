package io.loraoperator.trainer.cli;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.ExitCode;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.MemoryEstimate;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.trainer.run.MemoryNeed;
import io.loraoperator.trainer.run.PreparedData;
import io.loraoperator.trainer.run.SourceFiles;
import io.loraoperator.trainer.run.TargetModules;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lora-trainer estimate}. */
@Command(
    name = "estimate",
    description = "Estimate the memory that training takes at its peak, and whether it fits.",
    mixinStandardHelpOptions = true,
    versionProvider = CommandLines.VersionProvider.class)
final class EstimateCommand implements Callable<Integer> {

  private static final double GIBIBYTE = 1L << 30;

  @Mixin ManifestOptions options = new ManifestOptions();
  @Mixin CommonOptions common = new CommonOptions();

  private final Shell shell;

  EstimateCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    return common.run(shell, this::estimate);
  }

  private ExitCode estimate(Console console) {
    FineTuneSpec spec = options.spec();
    SourceFiles files = options.files(shell, console);
    try (BaseModelFiles base = files.open(spec.baseModel())) {
      Architecture architecture = Architecture.of(base.config());
      LoraConfig lora =
          TargetModules.resolve(
              spec.lora(), base.newTokens(), spec.training().seed(), architecture);
      PreparedData data = PreparedData.of(spec, files, base, (text, row) -> {});
      MemoryNeed need = MemoryNeed.of(spec, architecture, lora, data, shell.memory());
      report(need);
      data.warnings().forEach(console::warn);
      need.require();
      return ExitCode.SUCCESS;
    }
  }

  private void report(MemoryNeed need) {
    MemoryEstimate estimate = need.estimate();
    Map<String, Long> values = new LinkedHashMap<>();
    values.put("weights", estimate.weights());
    values.put("adapters", estimate.adapters());
    values.put("activations", estimate.activations());
    values.put("workspace", estimate.workspace());
    values.put("program", estimate.program());
    values.put("total", estimate.total());
    values.put("limit", need.limit());
    if (common.json) {
      shell.out().println(ContractJson.write(values));
    } else {
      values.forEach(
          (name, bytes) -> shell.out().printf("%-12s %8.2f GiB%n", name, bytes / GIBIBYTE));
    }
  }
}
