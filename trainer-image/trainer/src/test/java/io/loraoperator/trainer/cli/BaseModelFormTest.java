package io.loraoperator.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.trainer.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An adapter over a base that is quantised, or has dropout of its own, and what is asked of it
 * afterwards.
 */
class BaseModelFormTest {

  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: cubes}
      spec:
        baseModel: {precision: Float32, quantization: {type: NF4, doubleQuantization: true}}
        dataset:
          evaluation: {source: {configMap: {name: rows, key: rows.jsonl}}}
          prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
        lora: {rank: 4, alpha: 8, targetModules: [all-linear]}
        training: {maxSteps: 6, batchSize: 4, learningRate: "1e-2", logEverySteps: 1}
        output: {}
        resources: {memory: 1Gi}
      """;

  @TempDir static Path folder;
  private static Path model;
  private static Path rows;
  private static Path manifest;
  private static Path output;
  private static Invocation run;

  @BeforeAll
  static void train() throws IOException {
    model =
        TinyModel.write(
            folder.resolve("model"),
            Map.of(
                "model_type", "gpt2", "n_embd", 64, "n_layer", 2, "n_head", 4, "n_positions", 64));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      lines.append("{\"prompt\": \"%d:\", \"completion\": \"%d\"}\n".formatted(i, i * i * i));
    }
    rows = Files.writeString(folder.resolve("rows.jsonl"), lines);
    manifest = Files.writeString(folder.resolve("finetune.yaml"), MANIFEST);
    output = folder.resolve("out");
    run =
        Invocation.of(
            "train",
            manifest.toString(),
            "--base-model",
            model.toString(),
            "--train",
            rows.toString(),
            "--eval",
            rows.toString(),
            "--output",
            output.toString(),
            "--json");
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void evaluationOfAQuantisedRunIsTheRunsOwn() throws IOException {
    List<String> lines = Files.readAllLines(output.resolve("training_log.jsonl"));
    double expected = json(lines.getLast()).path("evaluationLoss").asDouble();

    assertThat(evaluate()).isEqualTo(expected);
    assertThat(evaluate("--quantization", "NF4", "--double-quantization")).isEqualTo(expected);
    assertThat(evaluate("--quantization", "NF4")).isNotEqualTo(expected);
    assertThat(evaluate("--quantization", "None")).isNotEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "generate --prompt x --double-quantization | --double-quantization only counts for --quantization NF4",
        "evaluate --data x --double-quantization | --double-quantization only counts for --quantization NF4",
        "evaluate --data x --manifest m --prompt-field q | --prompt-field counts for nothing beside --manifest",
        "evaluate --data x --text-field t --completion-field a | --completion-field counts for nothing beside --text-field"
      })
  void anOptionThatWouldCountForNothingIsRefused(String command, String message) {
    List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
    arguments.addAll(List.of("--base-model", model.toString()));
    Invocation asked = Invocation.of(arguments.toArray(String[]::new));

    assertThat(asked.code()).isEqualTo(2);
    assertThat(asked.err()).contains(message);
  }

  @Test
  void theAdapterSaysHowItsBaseWasHeld() throws IOException {
    JsonNode config = json(Files.readString(output.resolve("adapter/quantization_config.json")));

    assertThat(config.path("load_in_4bit").asBoolean()).isTrue();
    assertThat(config.path("bnb_4bit_quant_type").asText()).isEqualTo("nf4");
    assertThat(config.path("bnb_4bit_use_double_quant").asBoolean()).isTrue();
    assertThat(config.path("bnb_4bit_compute_dtype").asText()).isEqualTo("float32");
    assertThat(output.resolve("README.md"))
        .content()
        .contains("| Base model held as | NF4 in blocks of 64, scales quantised:");
  }

  @Test
  void whatIsNotFourBitNormalFloatIsRefusedByName() throws IOException {
    Path adapter = Files.createDirectory(folder.resolve("int8"));
    for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.copy(output.resolve("adapter").resolve(name), adapter.resolve(name));
    }
    Path file = adapter.resolve("quantization_config.json");
    Files.writeString(file, "{\"quant_method\": \"bitsandbytes\", \"load_in_8bit\": true}");

    Invocation asked =
        Invocation.of(
            "generate",
            "--base-model",
            model.toString(),
            "--adapter",
            adapter.toString(),
            "--prompt",
            "1:");

    assertThat(asked.code()).isNotZero();
    assertThat(asked.err()).contains(file.toString()).contains("bnb_4bit_quant_type");
  }

  @Test
  void dropoutThatIsNotAppliedIsNamed() throws IOException {
    String named = "embd_pdrop 0.1, resid_pdrop 0.1, attn_pdrop 0.1";

    assertThat(run.err()).contains("the base model's own dropout (" + named);
    assertThat(output.resolve("README.md"))
        .content()
        .contains("| Base model's own dropout | not applied (" + named + ") |");
    Invocation audit =
        Invocation.of(
            "audit",
            manifest.toString(),
            "--base-model",
            model.toString(),
            "--train",
            rows.toString(),
            "--eval",
            rows.toString());
    assertThat(audit.code()).as(audit.err()).isZero();
    assertThat(audit.err()).contains("the base model's own dropout (" + named);
  }

  private static double evaluate(String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "evaluate",
                "--base-model",
                model.toString(),
                "--adapter",
                output.resolve("adapter").toString(),
                "--precision",
                "FLOAT32",
                "--batch-size",
                "4",
                "--manifest",
                manifest.toString(),
                "--data",
                rows.toString(),
                "--json"));
    command.addAll(List.of(more));
    Invocation measured = Invocation.of(command.toArray(String[]::new));
    assertThat(measured.code()).as(measured.err()).isZero();
    return json(measured.out()).path("loss").asDouble();
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }
}
