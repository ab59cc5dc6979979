package io.loraoperator.trainer.cli;

import com.sun.management.OperatingSystemMXBean;
import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.ExitCode;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.MemoryEstimate;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.trainer.run.FineTuneRun;
import io.loraoperator.trainer.run.PreparedData;
import io.loraoperator.trainer.run.SourceFiles;
import io.loraoperator.trainer.run.TargetModules;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
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
    try (BaseModelFiles base = BaseModelFiles.open(files.model(spec.baseModel().source()))) {
      Architecture architecture = Architecture.of(base.config());
      LoraConfig lora = TargetModules.resolve(spec.lora(), spec.training().seed(), architecture);
      PreparedData data = PreparedData.of(spec, files, base, (text, row) -> {});
      boolean recompute = spec.training().gradientCheckpointing();
      MemoryEstimate chosen = estimate(spec, architecture, lora, data, recompute);
      long limit = limit();
      report(chosen, limit);
      if (chosen.total() <= limit) {
        return ExitCode.SUCCESS;
      }
      long recomputed = estimate(spec, architecture, lora, data, true).total();
      console.warn(
          !recompute && recomputed <= limit
              ? "It does not fit; with spec.training.gradientCheckpointing: true it takes %.2f GiB."
                  .formatted(recomputed / GIBIBYTE)
              : "It does not fit; lower spec.training.batchSize or spec.dataset.maxLength, use"
                  + " spec.baseModel.precision: BFloat16, or give it %.2f GiB."
                      .formatted(chosen.total() / GIBIBYTE));
      return ExitCode.INSUFFICIENT_MEMORY;
    }
  }

  private static MemoryEstimate estimate(
      FineTuneSpec spec,
      Architecture architecture,
      LoraConfig lora,
      PreparedData data,
      boolean recompute) {
    int[] lengths = data.train().rows().stream().mapToInt(row -> row.ids().length).toArray();
    return MemoryEstimate.of(
        architecture,
        FineTuneRun.precision(spec),
        lora,
        IntStream.rangeClosed(1, data.plan().totalSteps())
            .boxed()
            .flatMap(step -> data.plan().microBatches(step).stream())
            .map(rows -> Arrays.stream(rows).map(row -> lengths[row]).toArray()),
        recompute);
  }

  private void report(MemoryEstimate estimate, long limit) {
    Map<String, Long> values = new LinkedHashMap<>();
    values.put("weights", estimate.weights());
    values.put("adapters", estimate.adapters());
    values.put("activations", estimate.activations());
    values.put("workspace", estimate.workspace());
    values.put("program", estimate.program());
    values.put("total", estimate.total());
    values.put("limit", limit);
    if (common.json) {
      shell.out().println(ContractJson.write(values));
    } else {
      values.forEach(
          (name, bytes) -> shell.out().printf("%-12s %8.2f GiB%n", name, bytes / GIBIBYTE));
    }
  }

  /** The container's limit, or the machine's memory. */
  private static long limit() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }
}
