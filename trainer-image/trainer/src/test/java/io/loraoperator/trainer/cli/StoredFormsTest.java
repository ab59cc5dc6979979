package io.loraoperator.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.trainer.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run measured at its end is measured of the adapter that it left, and of both as one. */
class StoredFormsTest {

  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: stored}
      spec:
        baseModel: {precision: Float32}
        dataset:
          evaluation: {source: {}}
          prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
        lora: {rank: 4, alpha: 8, {lora}}
        training: {maxSteps: 4, batchSize: 4, learningRate: "3e-2", evaluateEverySteps: 4}
      """;

  @TempDir static Path shared;
  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    TinyModel.write(shared.resolve("model"), TinyModel.PHI);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      rows.append("{\"prompt\": \"%d:\", \"completion\": \"%d\"}\n".formatted(i, i * i * i));
    }
    Files.writeString(shared.resolve("rows.jsonl"), rows);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "`targetModules: [q_proj, fc1], variant: RankStabilized`",
        "`targetModules: [q_proj, fc1], bias: All`",
        "`targetModules: [q_proj, fc1], bias: LoraOnly`",
        "`targetModules: [q_proj, fc1], modulesToSave: [embed_tokens, lm_head]`",
        "`targetModules: [q_proj, fc1], variant: DoRA`",
        "`targetModules: [q_proj, fc1], variant: DoRA, bias: All, modulesToSave: [lm_head]`",
        "`targetModules: [embed_tokens, fc1, lm_head], bias: LoraOnly`"
      })
  void areMeasuredAsTheyWere(String lora) throws IOException {
    Path manifest =
        Files.writeString(folder.resolve("finetune.yaml"), MANIFEST.replace("{lora}", lora));
    Path output = folder.resolve("out");
    String model = shared.resolve("model").toString();
    String rows = shared.resolve("rows.jsonl").toString();
    Invocation run =
        Invocation.of(
            "train",
            manifest.toString(),
            "--base-model",
            model,
            "--train",
            rows,
            "--eval",
            rows,
            "--output",
            output.toString());
    assertThat(run.code()).as(run.err()).isZero();
    List<String> log = Files.readAllLines(output.resolve("training_log.jsonl"));
    double before = json(log.getFirst()).path("evaluationLoss").asDouble();
    double after = json(log.getLast()).path("evaluationLoss").asDouble();
    assertThat(Math.abs(after - before)).isGreaterThan(0.01);
    String adapter = output.resolve("adapter").toString();
    Path merged = folder.resolve("merged");

    assertThat(loss(rows, "--base-model", model)).isCloseTo(before, within(1e-5));
    assertThat(loss(rows, "--base-model", model, "--adapter", adapter))
        .isCloseTo(after, within(1e-5));
    Invocation merge =
        Invocation.of(
            "merge", "--base-model", model, "--adapter", adapter, "--output", merged.toString());
    assertThat(merge.code()).as(merge.err()).isZero();
    assertThat(loss(rows, "--base-model", merged.toString())).isCloseTo(after, within(1e-5));
  }

  private static double loss(String rows, String... model) throws IOException {
    List<String> command = new ArrayList<>(List.of("evaluate", "--precision", "FLOAT32", "--json"));
    command.addAll(List.of("--data", rows));
    command.addAll(List.of(model));
    Invocation measured = Invocation.of(command.toArray(String[]::new));
    assertThat(measured.code()).as(measured.err()).isZero();
    return json(measured.out()).path("loss").asDouble();
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }
}
