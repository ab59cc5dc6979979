package io.loraoperator.trainer.resume;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.checkpoint.CheckpointManifest;
import io.loraoperator.checkpoint.FileDigest;
import io.loraoperator.checkpoint.SafetensorsReader;
import io.loraoperator.checkpoint.SafetensorsWriter;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.trainer.cli.Invocation;
import io.loraoperator.trainer.cli.Termination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which checkpoint a run goes on from, and that every part of it matters. */
class ResumeTest {

  private static final String NEWEST = "checkpoints/step-000030/";

  @TempDir static Path shared;
  @TempDir Path folder;

  private static TinyRun run;
  private static Path unbroken;
  private static Path stopped;

  @BeforeAll
  static void train() throws IOException {
    run = TinyRun.write(shared);
    unbroken = shared.resolve("unbroken");
    Invocation whole = train(unbroken);
    assertThat(whole.code()).as(whole.err()).isZero();
    stopped = shared.resolve("stopped");
    Invocation interrupted = trainUntil(30, stopped);
    assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(30);
    assertThat(stopped.resolve("checkpoints").toFile().list())
        .containsExactlyInAnyOrder("step-000021", "step-000030");
  }

  /** What can happen to the newest checkpoint. */
  enum Damage {
    FLIPPED_BYTE("optimizer.safetensors is altered"),
    FLIPPED_BYTE_OF_THE_ADAPTER("adapter_model.safetensors is altered"),
    TORN_FILE("optimizer.safetensors has 1000 bytes"),
    MANIFEST_WITHOUT_FILES("a file of it is missing"),
    FILES_WITHOUT_MANIFEST("it is torn: it has no manifest.json"),
    TORN_MANIFEST("manifest.json");

    private final String told;

    Damage(String told) {
      this.told = told;
    }
  }

  private static void damage(Path checkpoint, Damage damage) throws IOException {
    Path moments = checkpoint.resolve("optimizer.safetensors");
    switch (damage) {
      case FLIPPED_BYTE -> flip(moments);
      case FLIPPED_BYTE_OF_THE_ADAPTER -> flip(checkpoint.resolve("adapter_model.safetensors"));
      case TORN_FILE -> Files.write(moments, Arrays.copyOf(Files.readAllBytes(moments), 1000));
      case MANIFEST_WITHOUT_FILES -> {
        Files.delete(moments);
        Files.delete(checkpoint.resolve("trainer_state.json"));
      }
      case FILES_WITHOUT_MANIFEST -> Files.delete(checkpoint.resolve("manifest.json"));
      case TORN_MANIFEST ->
          Files.writeString(checkpoint.resolve("manifest.json"), "{\"schemaVersion\": 1,");
    }
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  @ParameterizedTest
  @EnumSource
  void theOneBeforeADamagedCheckpointIsUsedAndSaidSo(Damage damage) throws IOException {
    Path output = copyOfStopped();
    damage(output.resolve(NEWEST), damage);

    Invocation again = train(output);

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err())
        .contains("step-000030 is passed over: ", damage.told)
        .contains("resuming after step 21 from");
    assertThat(TinyRun.Results.of(output)).isEqualTo(TinyRun.Results.of(unbroken));
  }

  @Test
  void withoutAWholeCheckpointTheRunBeginsAgain() throws IOException {
    Path output = copyOfStopped();
    for (String step : List.of("step-000021", "step-000030")) {
      Files.delete(output.resolve("checkpoints").resolve(step).resolve("manifest.json"));
    }

    Invocation again = train(output);

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("step-000030 is passed over", "step-000021 is passed over");
    assertThat(again.err()).doesNotContain("resuming after");
    assertThat(TinyRun.Results.of(output)).isEqualTo(TinyRun.Results.of(unbroken));
  }

  /** Parts of a checkpoint, each changed in a checkpoint that is committed as if it were sound. */
  enum Part {
    MOMENTS,
    ADAPTER,
    LOSS_SUM,
    ANSWERS,
    LOG
  }

  @ParameterizedTest
  @EnumSource
  void theComparisonSeesAPartThatIsNotRestored(Part part) throws IOException {
    Path output = copyOfStopped();
    Path checkpoint = output.resolve(NEWEST);
    switch (part) {
      case MOMENTS -> zero(checkpoint.resolve("optimizer.safetensors"), "exp_avg");
      case ADAPTER -> zero(checkpoint.resolve("adapter_model.safetensors"), "lora_B");
      case LOSS_SUM ->
          state(
              checkpoint,
              state -> state.withObject("/means").put("lossSum", 1.0).put("trainedTokens", 3));
      case ANSWERS -> state(checkpoint, state -> state.putArray("answersBefore").add("other"));
      case LOG -> state(checkpoint, state -> state.withArray("/log").remove(3));
    }
    commit(checkpoint);

    Invocation again = train(output);

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("resuming after step 30 from");
    assertThat(TinyRun.Results.of(output)).isNotEqualTo(TinyRun.Results.of(unbroken));
  }

  @Test
  void anotherOrderOfTheDataOrAnotherScheduleIsRefused() throws IOException {
    for (String field : List.of("/position/order", "/position/row", "/learningRate")) {
      Path output = copyOfStopped();
      state(
          output.resolve(NEWEST),
          state -> {
            ObjectNode parent = (ObjectNode) state.at(field.substring(0, field.lastIndexOf('/')));
            String name = field.substring(field.lastIndexOf('/') + 1);
            if (parent.get(name).isTextual()) {
              parent.put(name, "00");
            } else {
              parent.put(name, 3);
            }
          });
      commit(output.resolve(NEWEST));

      Invocation refused = train(output);

      assertThat(refused.code()).as(field).isEqualTo(1);
      assertThat(refused.err()).contains("orders the data or the learning rates otherwise");
      deleteAll(output);
    }
  }

  @Test
  void aStateOfAnotherFormIsPassedOver() throws IOException {
    Path output = copyOfStopped();
    state(output.resolve(NEWEST), state -> state.remove("evaluatedStep"));
    commit(output.resolve(NEWEST));

    Invocation again = train(output);

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err())
        .contains("step-000030 is passed over: its state cannot be read")
        .contains("resuming after step 21 from");
  }

  @Test
  void anInterruptedEvaluationIsMadeUpFor() throws IOException {
    Path output = folder.resolve("out");
    AtomicInteger told = new AtomicInteger();
    // The evaluation begins with this line and sees the request before its first batch.
    Invocation interrupted =
        Invocation.of(
            (line, termination) -> {
              told.accumulateAndGet(TrainerProcess.step(line), Math::max);
              if (told.get() == 35 && line.equals("evaluating")) {
                termination.signal().request();
              }
            },
            run.arguments(output).toArray(String[]::new));
    assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(30);

    Invocation again = train(output);

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("resuming after step 35 from");
    assertThat(TinyRun.Results.of(output)).isEqualTo(TinyRun.Results.of(unbroken));
  }

  private Path copyOfStopped() throws IOException {
    Path output = folder.resolve("out");
    try (var files = Files.walk(stopped)) {
      for (Path file : files.toList()) {
        Path target = output.resolve(stopped.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return output;
  }

  private static void deleteAll(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Invocation train(Path output) {
    return Invocation.of(run.arguments(output).toArray(String[]::new));
  }

  private static Invocation trainUntil(int step, Path output) {
    BiConsumer<String, Termination> stop =
        (line, termination) -> {
          if (TrainerProcess.step(line) == step) {
            termination.signal().request();
          }
        };
    return Invocation.of(stop, run.arguments(output).toArray(String[]::new));
  }

  private static void zero(Path file, String names) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>(SafetensorsReader.load(file));
    tensors.forEach((name, tensor) -> {
      if (name.contains(names)) {
        tensor.data().fill((byte) 0);
      }
    });
    assertThat(tensors.keySet()).anyMatch(name -> name.contains(names));
    SafetensorsWriter.write(file, tensors, SafetensorsWriter.PYTORCH_METADATA);
  }

  private interface StateChange {
    void apply(ObjectNode state);
  }

  private static void state(Path checkpoint, StateChange change) throws IOException {
    Path file = checkpoint.resolve("trainer_state.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode state = (ObjectNode) json.readTree(file.toFile());
    change.apply(state);
    json.writeValue(file.toFile(), state);
  }

  /** Writes the manifest anew, so that the changed checkpoint verifies. */
  private static void commit(Path checkpoint) throws IOException {
    Path file = checkpoint.resolve("manifest.json");
    CheckpointManifest old = CheckpointManifest.parse(Files.readAllBytes(file), file.toString());
    Map<String, CheckpointManifest.File> files = new LinkedHashMap<>();
    for (String name : old.files().keySet()) {
      Path part = checkpoint.resolve(name);
      files.put(name, new CheckpointManifest.File(Files.size(part), FileDigest.sha256(part)));
    }
    Files.write(
        file,
        new CheckpointManifest(old.uid(), old.specHash(), old.step(), old.time(), files).toJson());
  }
}
