package io.loraoperator.trainer.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.trainer.TinyModel;
import io.loraoperator.trainer.artifacts.LogEntry;
import io.loraoperator.trainer.cli.Invocation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events are what TensorBoard's own writer makes of the training log, also after interruptions. */
class TensorBoardEventsTest {

  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: tracked}
      spec:
        baseModel: {precision: Float32}
        dataset:
          evaluation: {fraction: "0.25"}
          prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
        lora: {rank: 4, alpha: 8, dropout: "0.1", targetModules: [all-linear]}
        training: {maxSteps: 12, batchSize: 2, learningRate: "1e-2", logEverySteps: 2, evaluateEverySteps: 3}
        checkpoint: {everySteps: 4}
        resources: {memory: 1Gi}
      """;

  @TempDir Path folder;

  @Test
  void aLogBecomesTheBytesOfTensorBoardsOwnWriter() throws IOException {
    Path fixtures = Path.of("../parity/tracking");

    assertThat(events(fixtures.resolve("training_log.jsonl")))
        .isEqualTo(Files.readAllBytes(fixtures.resolve("events.out.tfevents.training")));
  }

  @Test
  void aRunThatWasInterruptedShowsEachStepOnceAndTrainsTheSameAdapter() throws IOException {
    Path model = TinyModel.write(folder.resolve("model"), true);
    Path rows = Files.writeString(folder.resolve("train.jsonl"), ROWS);
    Invocation untracked = Invocation.of(command("", model, rows, "untracked"));
    assertThat(untracked.code()).as(untracked.err()).isZero();

    Invocation interrupted =
        Invocation.of(
            (line, termination) -> {
              if (line.contains("step 10/")) {
                termination.signal().request();
              }
            },
            command(TRACKED, model, rows, "tracked"));
    assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(30);
    Path output = folder.resolve("tracked");
    Path events = output.resolve(TensorBoardEvents.FILE);
    assertThat(events).as("written where it can be watched").exists();
    // A crash after the checkpoint would have logged more: the next attempt takes it back.
    Files.write(events, new byte[100], StandardOpenOption.APPEND);
    Invocation resumed = Invocation.of(command(TRACKED, model, rows, "tracked"));

    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("resuming after step 10 ");
    Path log = output.resolve("training_log.jsonl");
    assertThat(Files.readAllLines(log)).hasSize(10);
    assertThat(Files.readAllBytes(events)).isEqualTo(events(log));
    JsonNode files =
        new ObjectMapper().readTree(output.resolve("manifest.json").toFile()).path("files");
    assertThat(files.path(TensorBoardEvents.FILE).path("bytes").asLong())
        .isEqualTo(Files.size(events));
    assertThat(adapter(resumed)).isEqualTo(adapter(untracked));
    assertThat(folder.resolve("untracked/tensorboard")).doesNotExist();
  }

  private static final String TRACKED = "  tracking: {tensorBoard: true}\n";
  private static final String ROWS =
      """
      {"prompt": "1+1=", "completion": "xx"}
      {"prompt": "1+2=", "completion": "xxx"}
      {"prompt": "2+1=", "completion": "xxx"}
      {"prompt": "2+2=", "completion": "xxxx"}
      {"prompt": "3+1=", "completion": "xxxx"}
      {"prompt": "3+2=", "completion": "xxxxx"}
      """;

  private String[] command(String tracking, Path model, Path rows, String output)
      throws IOException {
    Path manifest = Files.writeString(folder.resolve(output + ".yaml"), MANIFEST + tracking);
    return new String[] {
      "train",
      manifest.toString(),
      "--base-model",
      model.toString(),
      "--train",
      rows.toString(),
      "--output",
      folder.resolve(output).toString(),
      "--json"
    };
  }

  private static String adapter(Invocation run) throws IOException {
    return Objects.requireNonNull(ResultDocument.parse(run.out()).output()).adapterSha256();
  }

  /** What the log in a file becomes. */
  private static byte[] events(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    TensorBoardEvents form = new TensorBoardEvents();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String line : lines) {
      LogEntry entry = ContractJson.read(line, LogEntry.class);
      if (bytes.size() == 0) {
        bytes.writeBytes(form.beginning(entry));
      }
      bytes.writeBytes(form.line(entry));
    }
    return bytes.toByteArray();
  }
}
