package io.loraoperator.trainer.resume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.checkpoint.FileDigest;
import io.loraoperator.trainer.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A run of {@value #STEPS} steps with everything that depends on chance or on what went before:
 * dropout, shuffled rows, gradient accumulation, a schedule with warm-up, evaluations that do not
 * fall together with checkpoints, and answers of the model before training.
 */
final class TinyRun {

  static final int STEPS = 120;
  static final int CHECKPOINT_EVERY = 10;

  private static final int ROWS = 96;
  private static final String ALPHABET = "abcdefghij ";
  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: interrupted}
      spec:
        baseModel: {precision: Float32}
        dataset:
          evaluation: {fraction: "0.1"}
          maxLength: 128
          prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
        lora: {rank: 8, alpha: 16, dropout: "0.1", targetModules: [all-linear]}
        training: {maxSteps: {steps}, batchSize: 4, gradientAccumulationSteps: 2, learningRate: "{rate}", logEverySteps: 1,
                   evaluateEverySteps: 7, seed: 11, schedule: {type: Cosine, warmupSteps: 5}{more}}
        checkpoint: {everySteps: {every}, keepLast: 2}
        samples: {prompts: ["abc"], maxNewTokens: 4}
        resources: {memory: 1Gi}
      """;

  private final Path folder;

  private TinyRun(Path folder) {
    this.folder = folder;
  }

  /** Writes model, data and manifest. */
  static TinyRun write(Path folder) throws IOException {
    TinyModel.write(folder.resolve("model"), true);
    Random random = new Random(5);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      rows.append(
          "{\"prompt\": \"%s:\", \"completion\": \"%s\"}\n"
              .formatted(
                  text(random, 10 + random.nextInt(40)), text(random, 20 + random.nextInt(60))));
    }
    Files.writeString(folder.resolve("train.jsonl"), rows);
    TinyRun run = new TinyRun(folder);
    run.manifest("", "5e-3");
    return run;
  }

  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return text.toString();
  }

  /** Writes the manifest with more settings of the training, such as {@code , seed: 1}. */
  void manifest(String moreTraining, String learningRate) throws IOException {
    Files.writeString(
        folder.resolve("finetune.yaml"),
        MANIFEST
            .replace("{steps}", String.valueOf(STEPS))
            .replace("{every}", String.valueOf(CHECKPOINT_EVERY))
            .replace("{rate}", learningRate)
            .replace("{more}", moreTraining));
  }

  /** Writes the manifest with another grace period, which is no part of the run's document. */
  void manifestWithGrace(int seconds) throws IOException {
    manifest("", "5e-3");
    Path file = folder.resolve("finetune.yaml");
    Files.writeString(
        file,
        Files.readString(file)
            .replace("keepLast: 2", "keepLast: 2, terminationGracePeriodSeconds: " + seconds));
  }

  /** The command line of a run whose results go to a folder. */
  List<String> arguments(Path output, String... more) {
    List<String> arguments = new ArrayList<>(arguments(folder.resolve("finetune.yaml")));
    arguments.addAll(List.of("--output", output.toString()));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** The command line of a run whose results go to an object store. */
  List<String> arguments(String uri, String endpoint, Path work) throws IOException {
    Path manifest = work.resolveSibling(work.getFileName() + ".yaml");
    Files.writeString(
        manifest,
        Files.readString(folder.resolve("finetune.yaml"))
            + "  output: {destination: {s3: {uri: \"%s\", endpoint: \"%s\"}}}\n"
                .formatted(uri, endpoint));
    List<String> arguments = new ArrayList<>(arguments(manifest));
    arguments.addAll(List.of("--workdir", work.toString()));
    return arguments;
  }

  private List<String> arguments(Path manifest) {
    return List.of(
        "train",
        manifest.toString(),
        "--base-model",
        folder.resolve("model").toString(),
        "--train",
        folder.resolve("train.jsonl").toString(),
        "--threads",
        "1",
        "--json");
  }

  /** What must be the same however often a run was interrupted. */
  record Results(String adapterSha256, List<String> losses, String samples) {

    static Results of(Path output) throws IOException {
      return new Results(
          FileDigest.sha256(output.resolve("adapter/adapter_model.safetensors")),
          losses(output.resolve("training_log.jsonl")),
          Files.readString(output.resolve("samples.jsonl")));
    }

    private static List<String> losses(Path log) throws IOException {
      return new ObjectMapper()
          .readerFor(JsonNode.class).<JsonNode>readValues(log.toFile()).readAll().stream()
              .map(line ->
                  "%s loss %s evaluation %s"
                      .formatted(line.path("step"), line.path("loss"), line.path("evaluationLoss")))
              .toList();
    }
  }
}
