package io.loraoperator.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.trainer.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chats from a messages column, packed: audited, trained on and talked to. */
class ChatTrainingTest {

  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: chats}
      spec:
        baseModel: {precision: Float32}
        dataset:
          train: {rows: {from: 1, to: 13}}
          prompt:
            messages:
              field: messages
              chatTemplate: |
                {%- for message in messages %}
                    {{- message.role[0] + ':' + message.content + '</s>' }}
                {%- endfor %}
                {%- if add_generation_prompt %}{{ 'a:' }}{% endif %}
          maxLength: 24
        lora: {rank: 4, alpha: 8, targetModules: [all-linear]}
        training: {epochs: "12", batchSize: 1, packing: Greedy, groupByLength: true, learningRate: "1e-2", logEverySteps: 1}
        samples: {prompts: [hello], maxNewTokens: 8}
      """;

  @TempDir static Path folder;
  private static Path model;
  private static Path train;
  private static Path manifest;

  @BeforeAll
  static void write() throws IOException {
    model = TinyModel.write(folder.resolve("model"), false);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 14; i++) {
      String question = i % 2 == 0 ? "q" : "hello";
      String answer = i % 2 == 0 ? "x" : "zz";
      rows.append(
          "{\"messages\": [{\"role\": \"user\", \"content\": \"%s\"}, {\"role\": \"assistant\", \"content\": \"%s\"}]}\n"
              .formatted(question, answer));
    }
    train = Files.writeString(folder.resolve("train.jsonl"), rows);
    manifest = Files.writeString(folder.resolve("finetune.yaml"), MANIFEST);
  }

  private static Invocation run(String command, String... more) {
    String[] usual = {
      command, manifest.toString(), "--base-model", model.toString(), "--train", train.toString()
    };
    String[] all = java.util.Arrays.copyOf(usual, usual.length + more.length);
    System.arraycopy(more, 0, all, usual.length, more.length);
    return Invocation.of(all);
  }

  @Test
  void anAuditShowsWhatIsLearnedWithoutColoursWhenPiped() throws IOException {
    String workdir = folder.resolve("audit").toString();
    Invocation shown = run("audit", "--show", "2", "--workdir", workdir);
    assertThat(shown.code()).as(shown.err()).isZero();
    assertThat(shown.out())
        .contains("u:hello</s>a:[[zz</s>]]")
        .contains("u:q</s>a:[[x</s>]]")
        .doesNotContain("\u001B");
    Invocation counted = run("audit", "--json", "--workdir", workdir);
    JsonNode counts = new ObjectMapper().readTree(counted.out());
    assertThat(counts.path("rows").asInt()).isEqualTo(12);
    // 6 rows of 9 tokens with 3 learned, 6 of 8 with 2: 3 sequences of two and 2 of three.
    assertThat(counts.path("trainedTokens").asInt()).isEqualTo(6 * 3 + 6 * 2);
    assertThat(counts.path("sequences").asInt()).isEqualTo(5);
    assertThat(counts.path("stepsPerEpoch").asInt()).isEqualTo(counts.path("sequences").asInt());
  }

  @Test
  void theModelLearnsToAnswerAndToStop() throws IOException {
    Path output = folder.resolve("out");
    Invocation trained = run("train", "--output", output.toString(), "--json");
    assertThat(trained.code()).as(trained.err()).isZero();
    ResultDocument result = ResultDocument.parse(trained.out());
    assertThat(result.reason()).isEqualTo(Reason.Completed);
    Invocation answer =
        Invocation.of(
            "generate",
            "--base-model",
            model.toString(),
            "--adapter",
            output.resolve("adapter").toString(),
            "--precision",
            "FLOAT32",
            "--chat",
            "--prompt",
            "hello",
            "--json");
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out())
        .as("the template that was trained with lies beside the adapter")
        .contains("\"completion\":\"zz\"")
        .contains("\"stopped\":true");
    assertThat(output.resolve("samples.jsonl"))
        .as("a sample's prompt is what a user says")
        .content()
        .contains("\"prompt\":\"hello\"")
        .contains("\"after\":\"zz\"");
    assertThat(
            new ObjectMapper()
                .readTree(output.resolve("adapter/tokenizer_config.json").toFile())
                .path("chat_template")
                .asText())
        .contains("message.role[0] + ':'");
  }
}
