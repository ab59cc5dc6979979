package io.loraoperator.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.contract.ExitCode;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.trainer.TinyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes wrong is told with its place, its reason and a remedy, never by a bare stack trace. */
class FailuresTest {

  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: broken}
      spec:
        baseModel: {precision: Float32}
        dataset:
          train: {}
          prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
        lora: {rank: 2}
        training: {maxSteps: 1, batchSize: 1}
      """;

  @TempDir static Path shared;
  private static Path model;

  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    model = TinyModel.write(shared.resolve("model"), false);
  }

  @ParameterizedTest(name = "{0}: {3}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a broken line | train.jsonl | {"prompt":"a","completion":"b"}\\n\\n{"prompt" | DatasetInvalid | train.jsonl, line 3: is not JSON
          a missing field | train.jsonl | {"prompt":"a","completion":"b"}\\n{"prompt":"a"} | DatasetInvalid | train.jsonl, line 2: there is no field "completion"; the row has prompt
          a field of another type | train.jsonl | {"prompt":"a","completion":7} | DatasetInvalid | line 1: field "completion" must be text, not Integer
          a row that is no object | train.jsonl | {"prompt":"a","completion":"b"}\\n[1] | DatasetInvalid | train.jsonl, line 2: is not an object of fields
          an empty file | train.jsonl | `` | DatasetInvalid | spec.dataset.train: there are no rows
          a broken array | train.json | [{"prompt":"a","completion":"b"},\\n{"prompt":}] | DatasetInvalid | train.json, line 2: is not JSON
          a short record | train.csv | prompt,completion\\na,b\\nc | DatasetInvalid | train.csv, line 3: Expected Number of Columns: 2 Found: 1
          a header without the field | train.csv | prompt,answer\\na,b | DatasetInvalid | train.csv, line 2: there is no field "completion"
          a file of no known kind | train.dat | x | DatasetInvalid | its name does not tell the format
          """)
  void badData(String name, String file, String content, String reason, String message)
      throws IOException {
    Path data = Files.writeString(folder.resolve(file), content.replace("\\n", "\n"));
    expect(Reason.valueOf(reason), message, MANIFEST, model, data);
  }

  @Test
  void invalidUtf8() throws IOException {
    Path data =
        Files.write(
            folder.resolve("train.jsonl"),
            "{\"prompt\":\"\u00ff\",\"completion\":\"b\"}".getBytes(StandardCharsets.ISO_8859_1));
    expect(Reason.DatasetInvalid, "line 1: is not valid UTF-8", MANIFEST, model, data);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          rank: 2 | rnk: 2 | spec.lora.rnk: unknown field
          maxSteps: 1 | maxSteps: one | spec.training.maxSteps: must be an integer
          rank: 2 | rank: 2, targetModules: [nothing] | spec.lora.targetModules
          rank: 2 | rank: 2, excludeModules: [nothing] | spec.lora.excludeModules
          rank: 2 | rank: 2, excludeModules: [q_proj, v_proj] | leave none of these modules to adapt
          rank: 2 | rank: 2, layers: {from: 2} | spec.lora.layers: the model has the layers 0 to 1
          rank: 2 | rank: 2, layers: {to: 3} | spec.lora.layers: the model has the layers 0 to 1
          rank: 2 | rank: 2, layers: {from: 1, to: 1} | spec.lora.layers.to: must be greater than from
          rank: 2 | rank: 2, rankPattern: {up_proj: 3} | spec.lora.rankPattern: No adapted module is called up_proj
          rank: 2 | rank: 2, rankPattern: {q_proj: 0} | must be a map of at most 64 integers from 1 to 1024
          rank: 2 | rank: 2, alphaPattern: {q_proj: 1, ".*": 2} | has two values, by
          rank: 2 | rank: 2, alphaPattern: {"(": 1} | spec.lora.alphaPattern: The key ( is no regular expression
          rank: 2 | rank: 2, targetModules: [wpe] | No module of a llama model that can have an adapter is called wpe; it has q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, embed_tokens, lm_head
          rank: 2 | rank: 2, targetModules: [lm_head], variant: DoRA | spec.lora.targetModules: DoRA is for the linear modules of the layers, not for lm_head
          rank: 2 | rank: 2, targetModules: [lm_head], modulesToSave: [embed_tokens] | spec.lora.modulesToSave: embed_tokens gets an adapter by targetModules as well
          rank: 2 | rank: 2, targetModules: [embed_tokens], layers: {from: 1} | leave none of these modules to adapt
          (?s)Float32(.*)rank: 2 | Float32, addedTokens: [abc]$1rank: 2, targetModules: [embed_tokens] | spec.baseModel.addedTokens: embed_tokens gets an adapter
          rank: 2 | rank: 2, variant: Dora | spec.lora.variant: must be one of Standard, RankStabilized, DoRA
          kind: LoraFineTune | kind: Job | holds no object of kind LoraFineTune
          spec: | spec: [ | is not YAML
          """)
  void badManifests(String good, String bad, String message) throws IOException {
    Path data =
        Files.writeString(folder.resolve("t.jsonl"), "{\"prompt\":\"a\",\"completion\":\"b\"}");
    expect(Reason.InvalidSpec, message, MANIFEST.replaceFirst(good, bad), model, data);
  }

  @Test
  void nothingToLearn() throws IOException {
    Path data = Files.writeString(folder.resolve("train.jsonl"), "{\"text\":\"no answer here\"}\n");
    String manifest =
        MANIFEST.replaceFirst(
            "promptCompletion: .*}}", "text: {field: text}}\n  loss: {responseTemplate: \"A:\"}");
    expect(
        Reason.NoTrainableTokens, "none of the 1 rows has a token to learn", manifest, model, data);
  }

  @Test
  void sourcesThatAreNotThere() throws IOException {
    Path data =
        Files.writeString(folder.resolve("t.jsonl"), "{\"prompt\":\"a\",\"completion\":\"b\"}");
    expect(
        Reason.BaseModelNotFound, "spec.baseModel.source", MANIFEST, folder.resolve("none"), data);
    expect(
        Reason.DatasetNotFound,
        "spec.dataset.train.source",
        MANIFEST,
        model,
        folder.resolve("none"));
  }

  @Test
  void anUnknownFamily() throws IOException {
    Path other = TinyModel.write(folder.resolve("other"), false);
    Path config = other.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"llama\"", "\"mamba\""));
    Path data =
        Files.writeString(folder.resolve("t.jsonl"), "{\"prompt\":\"a\",\"completion\":\"b\"}");
    expect(Reason.UnsupportedModel, "mamba", MANIFEST, other, data);
  }

  @Test
  void aStoreThatIsNotThere() throws IOException {
    String manifest =
        MANIFEST.replace(
            "train: {}",
            "train: {source: {s3: {uri: \"s3://data/train.jsonl\", endpoint: \"http://127.0.0.1:9\"}}}");
    Path file = Files.writeString(folder.resolve("m.yaml"), manifest);
    Invocation run =
        Invocation.of(
            "train",
            file.toString(),
            "--base-model",
            model.toString(),
            "--output",
            folder.resolve("out").toString());
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.STORAGE_UNAVAILABLE.code());
    assertThat(run.err())
        .contains("spec.dataset.train.source: s3://data/train.jsonl")
        .contains("refuses connections")
        .doesNotContain("\tat ");
  }

  @Test
  void aRunThatDoesNotFit() throws IOException {
    Path file = Files.writeString(folder.resolve("manifest.yaml"), MANIFEST);
    Path data =
        Files.writeString(folder.resolve("t.jsonl"), "{\"prompt\":\"a\",\"completion\":\"b\"}");
    for (String command : List.of("train", "estimate")) {
      Invocation run =
          Invocation.within(
              300L << 20,
              command,
              file.toString(),
              "--base-model",
              model.toString(),
              "--train",
              data.toString(),
              "--output",
              folder.resolve("out").toString());
      assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.INSUFFICIENT_MEMORY.code());
      assertThat(run.err()).contains("the limit is 0.29 GiB", "raise spec.resources.memory above");
    }
  }

  @Test
  void wrongCommandLines() {
    assertThat(Invocation.of().code()).isEqualTo(2);
    assertThat(Invocation.of("train").code()).isEqualTo(2);
    assertThat(Invocation.of("train", "a.yaml", "--nonsense").code()).isEqualTo(2);
    assertThat(Invocation.of("--version").out()).startsWith("lora-trainer ");
    assertThat(Invocation.of("train", "--help").out()).contains("--run-directory");
  }

  private void expect(Reason reason, String message, String manifest, Path base, Path data)
      throws IOException {
    Path file = Files.writeString(folder.resolve("manifest.yaml"), manifest);
    Invocation run =
        Invocation.of(
            "train",
            file.toString(),
            "--base-model",
            base.toString(),
            "--train",
            data.toString(),
            "--output",
            folder.resolve("out").toString(),
            "--json");
    assertThat(run.err()).contains(message).contains("what to do:").doesNotContain("\tat ");
    assertThat(run.code()).isEqualTo(ExitCode.of(reason).code());
    ResultDocument result = ResultDocument.parse(run.out());
    assertThat(result.reason()).isEqualTo(reason);
    assertThat(result.remedy()).isNotBlank();
  }
}
