package io.loraoperator.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
 * Chats in ChatML, whose marks the model does not know: trained, asked, measured, gone on from and
 * merged.
 */
class AddedTokensTrainingTest {

  private static final String MARKS = "\"<|im_start|>\", \"<|im_end|>\"";
  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: marks}
      spec:
        baseModel: {precision: Float32, addedTokens: [{tokens}]}
        dataset:
          prompt: {messages: {field: messages, chatTemplate: ChatML}}
          maxLength: 64
        lora: {rank: 4, alpha: 8, targetModules: [all-linear]{lora}}
        training: {maxSteps: {steps}, batchSize: 4, learningRate: "1e-2", logEverySteps: 1}
        output: {merge: true}
      """;
  private static final Map<String, Object> UNTIED =
      Map.of(
          "model_type", "mistral",
          "hidden_size", 32,
          "intermediate_size", 48,
          "num_hidden_layers", 2,
          "num_attention_heads", 4,
          "num_key_value_heads", 2,
          "tie_word_embeddings", false);

  @TempDir static Path shared;
  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    TinyModel.write(shared.resolve("tied"), false);
    TinyModel.write(shared.resolve("untied"), UNTIED);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      rows.append(
          "{\"messages\": [{\"role\": \"user\", \"content\": \"%s\"}, {\"role\": \"assistant\", \"content\": \"%s\"}]}\n"
              .formatted(i % 2 == 0 ? "q" : "hello", i % 2 == 0 ? "x" : "zz"));
    }
    Files.writeString(shared.resolve("train.jsonl"), rows);
  }

  private Invocation train(String model, String tokens, String lora, int steps, String... more)
      throws IOException {
    Path manifest =
        Files.writeString(
            folder.resolve("finetune.yaml"),
            MANIFEST
                .replace("{tokens}", tokens)
                .replace("{lora}", lora)
                .replace("{steps}", String.valueOf(steps)));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                manifest.toString(),
                "--base-model",
                shared.resolve(model).toString(),
                "--train",
                shared.resolve("train.jsonl").toString(),
                "--json"));
    arguments.addAll(List.of(more));
    return Invocation.of(arguments.toArray(String[]::new));
  }

  @ParameterizedTest(name = "{0}{1}")
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "tied, ``",
        "untied, ``",
        "untied, `, modulesToSave: [lm_head]`",
        "tied, `, modulesToSave: [embed_tokens]`",
        "untied, `, modulesToSave: [embed_tokens, lm_head]`"
      })
  void theModelLearnsMarksAndEndsByThem(String model, String lora) throws IOException {
    Path output = folder.resolve("out");
    Invocation trained = train(model, MARKS, lora, 60, "--output", output.toString());
    assertThat(trained.code()).as(trained.err()).isZero();
    String adapter = output.resolve("adapter").toString();

    assertThat(ask(shared.resolve(model).toString(), "--adapter", adapter))
        .contains("\"completion\":\"zz\"")
        .contains("\"stopped\":true");
    assertThat(ask(output.resolve("merged").toString()))
        .contains("\"completion\":\"zz\"")
        .contains("\"stopped\":true");
    Path merged = folder.resolve("merged");
    Invocation merge =
        Invocation.of(
            "merge",
            "--base-model",
            shared.resolve(model).toString(),
            "--adapter",
            adapter,
            "--output",
            merged.toString());
    assertThat(merge.code()).as(merge.err()).isZero();
    assertThat(merged.resolve("model.safetensors"))
        .hasSameBinaryContentAs(output.resolve("merged/model.safetensors"));
    assertThat(vocabularySize(merged)).isEqualTo(vocabularySize(shared.resolve(model)) + 2);
  }

  private static int vocabularySize(Path model) throws IOException {
    return new ObjectMapper()
        .readTree(model.resolve("config.json").toFile())
        .required("vocab_size")
        .asInt();
  }

  private static String ask(String model, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "generate",
                "--base-model",
                model,
                "--precision",
                "FLOAT32",
                "--chat",
                "--prompt",
                "hello",
                "--max-new-tokens",
                "8",
                "--json"));
    arguments.addAll(List.of(more));
    Invocation answer = Invocation.of(arguments.toArray(String[]::new));
    assertThat(answer.code()).as(answer.err()).isZero();
    return answer.out();
  }

  @Test
  void aRunGoesOnFromAnAdapterOfTheSameTokens() throws IOException {
    Path first = folder.resolve("first");
    Invocation trained = train("untied", MARKS, "", 20, "--output", first.toString());
    assertThat(trained.code()).as(trained.err()).isZero();
    String adapter = first.resolve("adapter").toString();

    Invocation on =
        train(
            "untied",
            MARKS,
            "",
            2,
            "--initial-adapter",
            adapter,
            "--output",
            folder.resolve("on").toString());
    assertThat(on.code()).as(on.err()).isZero();
    assertThat(loss(folder.resolve("on"))).isLessThan(loss(first) - 1);

    Invocation swapped =
        train(
            "untied",
            "\"<|im_end|>\", \"<|im_start|>\"",
            "",
            2,
            "--initial-adapter",
            adapter,
            "--output",
            folder.resolve("swapped").toString());
    assertThat(swapped.code()).isEqualTo(10);
    assertThat(swapped.err())
        .contains("is <|im_end|> here and <|im_start|> in the adapter's tokenizer");

    Invocation without =
        train(
            "untied",
            "",
            "",
            2,
            "--initial-adapter",
            adapter,
            "--output",
            folder.resolve("no").toString());
    assertThat(without.code()).isEqualTo(10);
    assertThat(without.err()).contains("spec.baseModel.addedTokens to its new tokens");
  }

  private static double loss(Path output) throws IOException {
    String line = Files.readAllLines(output.resolve("training_log.jsonl")).getFirst();
    return new ObjectMapper().readTree(line).path("loss").asDouble();
  }

  /** Its bias would be lost in PEFT. */
  @Test
  void singleRowsOfAHeadWithABiasAreRefusedByName() throws IOException {
    TinyModel.write(shared.resolve("phi"), TinyModel.PHI);

    Invocation refused = train("phi", MARKS, "", 2, "--output", folder.resolve("out").toString());

    assertThat(refused.code()).isEqualTo(10);
    assertThat(refused.err())
        .contains("spec.baseModel.addedTokens")
        .contains("lm_head has a bias")
        .contains("spec.lora.modulesToSave");
  }
}
