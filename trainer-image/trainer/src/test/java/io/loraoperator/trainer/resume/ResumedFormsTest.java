package io.loraoperator.trainer.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.trainer.TinyModel;
import io.loraoperator.trainer.cli.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is trained beside A and B, and whatever is drawn, an interruption changes nothing. */
class ResumedFormsTest {

  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: interrupted}
      spec:
        baseModel: {precision: {precision}}
        dataset:
          evaluation: {fraction: "0.2"}
          prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
        lora: {rank: 4, alpha: 8, dropout: "0.1", targetModules: [q_proj, fc1{lora}}
        training: {maxSteps: 8, batchSize: 2, learningRate: "1e-2", logEverySteps: 1, evaluateEverySteps: 8,
                   optimizer: {weightDecay: "0.1"}{training}}
        checkpoint: {everySteps: 4}
        samples: {prompts: ["abc"], maxNewTokens: 4}
      """;

  @TempDir static Path shared;
  @TempDir Path folder;

  /** A model with biases of every kind and a head of its own. */
  @BeforeAll
  static void write() throws IOException {
    TinyModel.write(shared.resolve("model"), TinyModel.PHI);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      rows.append("{\"prompt\": \"%d:\", \"completion\": \"%d\"}\n".formatted(i, i * i * i));
    }
    Files.writeString(shared.resolve("train.jsonl"), rows);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          all biases          | Float32                               | `], bias: All`                              | ``
          biases of adapted   | BFloat16                              | `], bias: LoraOnly`                         | ``
          modules in full     | BFloat16                              | `], modulesToSave: [embed_tokens, lm_head]` | ``
          magnitudes          | Float32                               | `], variant: DoRA`                          | ``
          magnitudes, narrow  | `BFloat16, quantization: {type: NF4}` | `], variant: DoRA, bias: All`               | ``
          new tokens          | `BFloat16, addedTokens: [abc, "1:"]`  | `], modulesToSave: [lm_head]`               | ``
          tables              | Float32                               | `, embed_tokens, lm_head]`                  | ``
          tables, narrow      | BFloat16                              | `, embed_tokens, lm_head], bias: LoraOnly`  | ``
          four bits           | `Float32, quantization: {type: NF4}`  | `]`                                         | ``
          noise on embeddings | Float32                               | `]`                                         | `, neftuneNoiseAlpha: "5"`
          """)
  void goOnToTheSameBytes(String name, String precision, String lora, String training)
      throws IOException {
    Path manifest =
        Files.writeString(
            folder.resolve("finetune.yaml"),
            MANIFEST
                .replace("{precision}", precision)
                .replace("{lora}", lora)
                .replace("{training}", training));
    Path unbroken = folder.resolve("unbroken");
    Path broken = folder.resolve("broken");

    Invocation whole = Invocation.of(arguments(manifest, unbroken));
    Invocation interrupted =
        Invocation.of(
            (line, termination) -> {
              if (TrainerProcess.step(line) == 5) {
                termination.signal().request();
              }
            },
            arguments(manifest, broken));
    Invocation again = Invocation.of(arguments(manifest, broken));

    assertThat(whole.code()).as(whole.err()).isZero();
    assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(30);
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("resuming after step 5 from");
    assertThat(TinyRun.Results.of(broken)).isEqualTo(TinyRun.Results.of(unbroken));
  }

  private static String[] arguments(Path manifest, Path output) {
    return new String[] {
      "train",
      manifest.toString(),
      "--base-model",
      shared.resolve("model").toString(),
      "--train",
      shared.resolve("train.jsonl").toString(),
      "--output",
      output.toString(),
      "--threads",
      "1",
      "--json"
    };
  }
}
