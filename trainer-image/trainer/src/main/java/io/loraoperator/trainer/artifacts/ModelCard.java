package io.loraoperator.trainer.artifacts;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.Source;
import io.loraoperator.model.architecture.BaseDropout;
import io.loraoperator.trainer.mask.DataCounts;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** {@code README.md} beside an adapter: what it is, how it was made, how to use it. */
public final class ModelCard {

  /** The file's name. */
  public static final String FILE = "README.md";

  private ModelCard() {}

  /** The card's text. */
  public static String of(
      FineTuneSpec spec,
      List<String> targetModules,
      Map<String, Object> baseConfig,
      DataCounts data,
      Provenance provenance,
      int totalSteps,
      OptionalDouble loss,
      OptionalDouble evaluationLoss,
      List<Sample> samples) {
    String card =
        """
        ---
        library_name: peft
        %spipeline_tag: text-generation
        tags: [lora]
        ---
        # LoRA adapter

        | | |
        |---|---|
        | Base model | `%s` |
        | Base model SHA-256 | `%s` |
        %s| Rank, alpha, dropout | %d, %d, %s |
        | Target modules | %s |
        | Training rows | %d of %d (%d truncated, %d dropped) |
        | Trained tokens | %d (masked: %d) |
        | Optimizer steps | %d |
        | Final loss | %s |
        | Evaluation loss | %s |
        | Learning rate, schedule | %s, %s |
        | Seed, threads | %d, %d |
        | Made by | LoRA Operator %s |

        ## Use

        ```python
        from peft import PeftModel
        from transformers import AutoModelForCausalLM, AutoTokenizer

        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("BASE_MODEL"), "THIS_FOLDER")
        tokenizer = AutoTokenizer.from_pretrained("THIS_FOLDER")
        ```

        or `lora-trainer generate --base-model BASE_MODEL --adapter THIS_FOLDER --prompt "..."`.
        """
            .formatted(
                // The hub takes only models of its own there.
                spec.baseModel().source() instanceof Source.HuggingFace hub
                    ? "base_model: %s\n".formatted(hub.repository())
                    : "",
                provenance.baseModel(),
                provenance.baseModelSha256(),
                revisions(provenance) + held(spec) + dropout(baseConfig),
                spec.lora().rank(),
                spec.lora().alpha(),
                spec.lora().dropout().toPlainString(),
                String.join(", ", targetModules),
                data.usedRows(),
                data.rows(),
                data.truncatedRows(),
                data.droppedRows(),
                data.trainedTokens(),
                data.maskedTokens(),
                totalSteps,
                number(loss),
                number(evaluationLoss),
                spec.training().learningRate().toPlainString(),
                spec.training().schedule().type(),
                spec.training().seed(),
                provenance.threads(),
                provenance.trainerVersion());
    return samples.isEmpty() ? card : card + answers(samples);
  }

  private static String revisions(Provenance provenance) {
    return provenance.revisions().entrySet().stream()
        .map(entry -> "| `%s` | `%s` |\n".formatted(entry.getKey(), entry.getValue()))
        .collect(Collectors.joining());
  }

  private static String held(FineTuneSpec spec) {
    FineTuneSpec.Quantization quantization = spec.baseModel().quantization();
    return quantization == null
        ? ""
        : "| Base model held as | NF4 in blocks of %d%s: `%s` |\n"
            .formatted(
                quantization.blockSize(),
                quantization.doubleQuantization() ? ", scales quantised" : "",
                QuantizationConfig.FILE);
  }

  private static String dropout(Map<String, Object> baseConfig) {
    Map<String, Double> dropout = BaseDropout.of(baseConfig);
    return dropout.isEmpty()
        ? ""
        : "| Base model's own dropout | not applied (%s) |\n"
            .formatted(BaseDropout.describe(dropout));
  }

  private static String answers(List<Sample> samples) {
    return samples.stream()
        .map(sample ->
            "\n### %s\n\nBefore:\n\n%s\n\nAfter:\n\n%s\n"
                .formatted(
                    oneLine(sample.prompt()),
                    quoted(sample.before()),
                    quoted(String.valueOf(sample.after()))))
        .collect(Collectors.joining("", "\n## Answers before and after\n", ""));
  }

  private static String oneLine(String text) {
    return text.replace('\n', ' ').strip();
  }

  private static String quoted(String text) {
    return text.lines().map(line -> "> " + line).collect(Collectors.joining("\n"));
  }

  private static String number(OptionalDouble value) {
    return value.isPresent()
        ? String.format(Locale.ROOT, "%.4f", value.getAsDouble())
        : "not measured";
  }
}
