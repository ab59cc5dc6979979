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
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of a tiny model, as a user starts them. */
class TrainCommandTest {

  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: sums}
      spec:
        baseModel: {precision: Float32}
        dataset:
          evaluation: {fraction: "0.2"}
          prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
        lora: {rank: 4, alpha: 8, dropout: "0.1", targetModules: [all-linear]}
        training: {maxSteps: 24, batchSize: 3, gradientAccumulationSteps: 2, learningRate: "1e-2", logEverySteps: 1,
                   schedule: {type: Cosine, warmupSteps: 2}}
        checkpoint: {everySteps: 5, keepLast: 2}
        samples: {prompts: ["1+1="], maxNewTokens: 4}
        resources: {memory: 1Gi}
      """;

  @TempDir static Path shared;
  private static Path model;
  private static Path train;
  private static Path manifest;

  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    model = TinyModel.write(shared.resolve("model"), true);
    StringBuilder rows = new StringBuilder();
    for (int a = 1; a <= 5; a++) {
      for (int b = 1; b <= 4; b++) {
        rows.append(
            "{\"prompt\": \"%d+%d=\", \"completion\": \"%s\"}\n".formatted(a, b, "x".repeat(a)));
      }
    }
    train = Files.writeString(shared.resolve("train.jsonl"), rows);
    manifest = Files.writeString(shared.resolve("finetune.yaml"), MANIFEST);
  }

  private static String[] command(Path output) {
    return new String[] {
      "train",
      manifest.toString(),
      "--base-model",
      model.toString(),
      "--train",
      train.toString(),
      "--output",
      output.toString(),
      "--json"
    };
  }

  @Test
  void aModelWithoutBiasesTrainsNoneAndSaysSo() throws IOException {
    Path biased =
        Files.writeString(
            folder.resolve("finetune.yaml"),
            MANIFEST
                .replace("rank: 4,", "rank: 4, bias: All,")
                .replace("maxSteps: 24", "maxSteps: 1"));
    String[] command = command(folder.resolve("out"));
    command[1] = biased.toString();

    Invocation run = Invocation.of(command);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("spec.lora.bias All trains nothing more: the model has no bias");
  }

  @Test
  void learnsAndLeavesItsResults() throws IOException {
    Path output = folder.resolve("out");

    Invocation run = Invocation.of(command(output));

    assertThat(run.code()).as(run.err()).isZero();
    ResultDocument result = ResultDocument.parse(run.out());
    assertThat(result.reason()).isEqualTo(Reason.Completed);
    assertThat(result.finalStep()).isEqualTo(24);
    List<JsonNode> log = lines(output.resolve("training_log.jsonl"));
    double first = log.get(1).path("loss").asDouble();
    double last = log.getLast().path("loss").asDouble();
    assertThat(last).isLessThan(0.5 * first);
    assertThat(log.getLast().path("evaluationLoss").asDouble())
        .isLessThan(log.getFirst().path("evaluationLoss").asDouble());
    assertThat(PeftAdapter.read(output.resolve("adapter")).config().rank()).isEqualTo(4);
    assertThat(output.resolve("adapter/tokenizer.json")).exists();
    assertThat(output.resolve("README.md")).content().contains("library_name: peft");
    JsonNode sample = lines(output.resolve("samples.jsonl")).getFirst();
    assertThat(sample.path("before").asText()).isNotEqualTo(sample.path("after").asText());
    JsonNode entries =
        new ObjectMapper().readTree(output.resolve("manifest.json").toFile()).path("files");
    assertThat(entries.path("adapter/adapter_model.safetensors").path("sha256").asText())
        .isEqualTo(result.output() == null ? "" : result.output().adapterSha256());
    assertThat(output.resolve("checkpoints").toFile().list())
        .as("the newest two; that of step 21 is also that of the best evaluation before the end")
        .containsExactlyInAnyOrder("step-000020", "step-000021");

    Invocation measured =
        Invocation.of(
            "evaluate",
            "--base-model",
            model.toString(),
            "--adapter",
            output.resolve("adapter").toString(),
            "--precision",
            "FLOAT32",
            "--data",
            train.toString(),
            "--json");
    assertThat(measured.code()).as(measured.err()).isZero();
    assertThat(new ObjectMapper().readTree(measured.out()).path("loss").asDouble())
        .isLessThan(0.5 * first);
  }

  @Test
  void anInterruptedRunEndsWithTheBytesOfAnUnbrokenOne() throws IOException {
    Path unbroken = folder.resolve("unbroken");
    assertThat(Invocation.of(command(unbroken)).code()).isZero();

    Path broken = folder.resolve("broken");
    for (String step : List.of("step 3/", "step 11/", "step 19/")) {
      Invocation interrupted =
          Invocation.of(
              (line, termination) -> {
                if (line.contains(step)) {
                  termination.signal().request();
                }
              },
              command(broken));
      assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(30);
      assertThat(ResultDocument.parse(interrupted.out()).reason()).isNull();
    }
    Invocation last = Invocation.of(command(broken));

    assertThat(last.code()).as(last.err()).isZero();
    assertThat(last.err()).contains("resuming after step 19");
    String weights = "adapter/adapter_model.safetensors";
    assertThat(Files.readAllBytes(broken.resolve(weights)))
        .isEqualTo(Files.readAllBytes(unbroken.resolve(weights)));
    assertThat(losses(broken)).isEqualTo(losses(unbroken));
  }

  @Test
  void anEvaluationReadsTheFormatAndTheRowsThatTheManifestNames() throws IOException {
    Path data = Files.copy(train, folder.resolve("rows.data"));
    Path described =
        Files.writeString(
            folder.resolve("described.yaml"),
            MANIFEST.replace(
                "evaluation: {fraction: \"0.2\"}",
                "train: {format: JsonLines, rows: {from: 2, to: 7}}"));

    Invocation measured =
        Invocation.of(
            "evaluate",
            "--base-model",
            model.toString(),
            "--manifest",
            described.toString(),
            "--data",
            data.toString(),
            "--json");

    assertThat(measured.code()).as(measured.err()).isZero();
    assertThat(new ObjectMapper().readTree(measured.out()).path("rows").asInt()).isEqualTo(5);
  }

  @Test
  void anEstimateWarnsOfTheData() throws IOException {
    Path narrow =
        Files.writeString(
            folder.resolve("short.yaml"),
            MANIFEST.replace("evaluation:", "maxLength: 8\n    evaluation:"));
    Path rows =
        Files.writeString(
            folder.resolve("long.jsonl"),
            "{\"prompt\": \"1+1=\", \"completion\": \"xxxxxxxxxxxxxxx\"}\n".repeat(3));

    Invocation estimated =
        Invocation.of(
            "estimate",
            narrow.toString(),
            "--base-model",
            model.toString(),
            "--train",
            rows.toString(),
            "--workdir",
            folder.toString());

    assertThat(estimated.code()).as(estimated.err()).isZero();
    assertThat(estimated.err()).contains("warning: 3 of 3 rows are truncated");
  }

  @Test
  void checkpointsOfAnotherManifestAreRefused() throws IOException {
    Path output = folder.resolve("out");
    assertThat(Invocation.of(command(output)).code()).isZero();
    Path other = Files.writeString(folder.resolve("other.yaml"), MANIFEST.replace("1e-2", "2e-2"));
    String[] command = command(output);
    command[1] = other.toString();

    Invocation refused = Invocation.of(command);

    assertThat(refused.code()).isEqualTo(10);
    assertThat(refused.err()).contains("belongs to another run document").contains("output folder");
  }

  private static List<Double> losses(Path output) throws IOException {
    return lines(output.resolve("training_log.jsonl")).stream()
        .map(line -> line.path("loss").asDouble())
        .toList();
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    return new ObjectMapper()
        .readerFor(JsonNode.class)
        .<JsonNode>readValues(file.toFile())
        .readAll();
  }
}
