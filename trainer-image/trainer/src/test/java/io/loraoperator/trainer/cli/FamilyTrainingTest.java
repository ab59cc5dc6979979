package io.loraoperator.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.trainer.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A run of every family by the manifest that a user would write, and an answer afterwards. */
class FamilyTrainingTest {

  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: sums}
      spec:
        baseModel: {precision: Float32}
        dataset: {prompt: {promptCompletion: {promptField: prompt, completionField: completion}}}
        lora: {rank: 4, alpha: 8, dropout: "0.05"}
        training: {maxSteps: 30, batchSize: 4, learningRate: "3e-2", logEverySteps: 1}
        samples: {prompts: ["1+1="], maxNewTokens: 64}
        resources: {memory: 1Gi}
      """;

  private static final Map<String, Object> SHARED =
      Map.of(
          "hidden_size", 32,
          "intermediate_size", 48,
          "num_hidden_layers", 2,
          "num_attention_heads", 4,
          "num_key_value_heads", 2);

  private static final Map<String, Object> GPT2 =
      Map.of("model_type", "gpt2", "n_embd", 32, "n_layer", 2, "n_head", 4, "n_positions", 40);

  @TempDir Path folder;
  private Path train;

  static List<Arguments> families() {
    return List.of(
        shared("llama", "q_proj", Map.of("attention_bias", true)),
        shared("mistral", "q_proj", Map.of("sliding_window", 4)),
        shared("qwen2", "v_proj", Map.of()),
        shared("qwen3", "v_proj", Map.of("head_dim", 16)),
        shared("smollm3", "v_proj", Map.of("no_rope_layer_interval", 2)),
        shared("gemma", "q_proj", Map.of("head_dim", 16)),
        shared("gemma2", "q_proj", Map.of("head_dim", 16, "sliding_window", 4)),
        shared("gemma3_text", "q_proj", Map.of("head_dim", 16, "sliding_window", 4)),
        shared("phi", "fc1", Map.of()),
        shared("phi3", "qkv_proj", Map.of()),
        Arguments.of("gpt2", "c_attn", GPT2),
        Arguments.of(
            "gpt_neo",
            "q_proj",
            Map.of(
                "model_type", "gpt_neo",
                "hidden_size", 32,
                "num_layers", 2,
                "num_heads", 4,
                "window_size", 4,
                "attention_types", List.of(List.of(List.of("global", "local"), 1)))),
        Arguments.of(
            "opt",
            "q_proj",
            Map.of(
                "model_type", "opt",
                "hidden_size", 32,
                "word_embed_proj_dim", 24,
                "ffn_dim", 48,
                "num_hidden_layers", 2,
                "num_attention_heads", 4,
                "do_layer_norm_before", false)));
  }

  private static Arguments shared(String type, String target, Map<String, Object> more) {
    Map<String, Object> config = new HashMap<>(SHARED);
    config.put("model_type", type);
    config.putAll(more);
    return Arguments.of(type, target, config);
  }

  @BeforeEach
  void write() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int a = 1; a <= 5; a++) {
      for (int b = 1; b <= 4; b++) {
        rows.append(
            "{\"prompt\": \"%d+%d=\", \"completion\": \"%s\"}\n".formatted(a, b, "x".repeat(a)));
      }
    }
    train = Files.writeString(folder.resolve("train.jsonl"), rows);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void learnsWithItsOwnTargetsAndAnswers(String type, String target, Map<String, Object> config)
      throws IOException {
    String model = TinyModel.write(folder.resolve("model"), config).toString();
    Path output = folder.resolve("out");

    Invocation run = Invocation.of(command(model, output, train));

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(ResultDocument.parse(run.out()).reason()).isEqualTo(Reason.Completed);
    List<JsonNode> log =
        Files.readAllLines(output.resolve("training_log.jsonl")).stream()
            .map(FamilyTrainingTest::json)
            .filter(line -> line.has("loss"))
            .toList();
    assertThat(log.getLast().path("loss").asDouble())
        .isLessThan(0.8 * log.getFirst().path("loss").asDouble());
    assertThat(PeftAdapter.read(output.resolve("adapter")).config().targetModules())
        .contains(target);
    Invocation answer =
        Invocation.of(
            "generate",
            "--base-model",
            model,
            "--adapter",
            output.resolve("adapter").toString(),
            "--prompt",
            "1+1=",
            "--max-new-tokens",
            "5");
    assertThat(answer.code()).as(answer.err()).isZero();
  }

  @Test
  void aRowWithoutPositionsIsRefusedBeforeTraining() throws IOException {
    String model = TinyModel.write(folder.resolve("model"), GPT2).toString();
    Path longer =
        Files.writeString(
            folder.resolve("longer.jsonl"),
            "{\"prompt\": \"a\", \"completion\": \"%s\"}\n".formatted("x".repeat(60)));

    Invocation run = Invocation.of(command(model, folder.resolve("out"), longer));

    assertThat(ResultDocument.parse(run.out()).reason()).isEqualTo(Reason.InvalidSpec);
    assertThat(run.err() + run.out())
        .contains("spec.dataset.maxLength")
        .contains("learned positions for 40");
  }

  private String[] command(String model, Path output, Path data) throws IOException {
    Path manifest = Files.writeString(folder.resolve("finetune.yaml"), MANIFEST);
    return new String[] {
      "train",
      manifest.toString(),
      "--base-model",
      model,
      "--train",
      data.toString(),
      "--output",
      output.toString(),
      "--json"
    };
  }

  private static JsonNode json(String line) {
    try {
      return new ObjectMapper().readTree(line);
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }
}
