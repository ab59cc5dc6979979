package io.loraoperator.trainer.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.trainer.TinyModel;
import io.loraoperator.trainer.cli.Invocation;
import io.loraoperator.trainer.cli.Termination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are reported to an MLflow server, which never stops them. */
class MlflowReportsTest {

  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: reported}
      spec:
        baseModel: {precision: Float32}
        dataset: {prompt: {promptCompletion: {promptField: prompt, completionField: completion}}}
        lora: {rank: 2, alpha: 4}
        training: {maxSteps: 12, batchSize: 1, logEverySteps: 2}
        checkpoint: {everySteps: 3}
        tracking: {mlflow: {trackingUri: "URI", experiment: tiny runs}}
      """;

  private static final List<Integer> LOGGED = List.of(1, 2, 4, 6, 8, 10, 12);

  @TempDir Path folder;
  private MlflowServer server;
  private Path model;

  @BeforeEach
  void start() throws IOException {
    server = new MlflowServer();
    model = TinyModel.write(folder.resolve("model"), true);
    Files.writeString(
        folder.resolve("train.jsonl"), "{\"prompt\": \"1+1=\", \"completion\": \"2\"}\n");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Invocation train(BiConsumer<String, Termination> onLine) throws IOException {
    Path manifest =
        Files.writeString(folder.resolve("finetune.yaml"), MANIFEST.replace("URI", server.uri()));
    return Invocation.of(
        onLine,
        "train",
        manifest.toString(),
        "--base-model",
        model.toString(),
        "--train",
        folder.resolve("train.jsonl").toString(),
        "--output",
        folder.resolve("out").toString());
  }

  @Test
  void oneRunGoesOnOverAnInterruptionAndHoldsEachStepOnce() throws IOException {
    Invocation interrupted =
        train((line, termination) -> {
          if (line.contains("step 8/")) {
            termination.signal().request();
          }
        });
    assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(30);
    assertThat(server.runs).hasSize(1);
    assertThat(server.runs.getFirst().statuses).endsWith("KILLED");
    // A crash reports steps that the next attempt takes again.
    Files.delete(folder.resolve("out/checkpoints/step-000008/manifest.json"));

    Invocation resumed = train((line, termination) -> {});

    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("resuming after step 6 ");
    assertThat(server.experiments).containsOnlyKeys("tiny runs");
    assertThat(server.runs).hasSize(1);
    MlflowServer.Run run = server.runs.getFirst();
    assertThat(run.statuses).containsExactly("RUNNING", "KILLED", "RUNNING", "FINISHED");
    assertThat(run.steps("loss")).isEqualTo(LOGGED);
    assertThat(run.steps("num_tokens")).isEqualTo(LOGGED);
    assertThat(run.params).containsEntry("lora_rank", "2");
  }

  @Test
  void aServerThatWasAwayIsToldLaterWhatItMissed() throws IOException {
    server.breakNext(1);

    Invocation run = train((line, termination) -> {});

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .containsOnlyOnce("spec.tracking.mlflow: the server is not told yet, training goes on");
    assertThat(server.runs.getFirst().steps("loss")).isEqualTo(LOGGED);
    assertThat(server.runs.getFirst().statuses).endsWith("FINISHED");
  }

  @Test
  void withoutAServerARunEndsAsEver() throws IOException {
    server.close();

    Invocation run = train((line, termination) -> {});

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).containsOnlyOnce("the server is not told yet");
    assertThat(folder.resolve("out/adapter/adapter_model.safetensors")).exists();
  }
}
