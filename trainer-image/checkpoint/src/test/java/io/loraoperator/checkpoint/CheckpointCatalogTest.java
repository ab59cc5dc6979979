package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointCatalogTest {

  static final String UID = "0b5e3b1c-1111-4222-8333-444455556666";
  static final String SPEC = "ab".repeat(32);
  static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path root;

  @Test
  void aCheckpointComesBackAsItWas() throws IOException {
    CheckpointManifest manifest = write(7);

    Path folder = root.resolve("step-000007");
    TrainingCheckpoint read = CheckpointReader.read(folder);
    assertThat(CheckpointReader.verify(folder)).isEqualTo(manifest);
    assertThat(read.trainerState().get("position").asInt()).isEqualTo(7);
    assertThat(Fixtures.content(Fixtures.get(read.optimizer(), "step")))
        .containsExactly(7, 0, 0, 0, 0, 0, 0, 0);
    assertThat(read.adapter().config()).isEqualTo(checkpoint(7).adapter().config());
    assertThat(read.adapter().tensors()).hasSize(2);
    assertThat(manifest.uploadOrder()).endsWith(CheckpointManifest.FILE).hasSize(5);
    try (Stream<Path> files = Files.list(root)) {
      assertThat(files).containsExactly(folder);
    }
  }

  @Test
  void theSameCheckpointHasTheSameBytes() throws IOException {
    write(7);
    byte[] first = Files.readAllBytes(root.resolve("step-000007/manifest.json"));

    write(7);

    assertThat(root.resolve("step-000007/manifest.json")).hasBinaryContent(first);
  }

  @Test
  void theNewestValidOneIsChosen() {
    write(9);
    write(100);
    write(1_000_000);

    CheckpointCatalog.Selection selection = CheckpointCatalog.newestValid(List.of(root), UID, SPEC);

    assertThat(selection.newest().orElseThrow().manifest().step()).isEqualTo(1_000_000);
    assertThat(selection.refused()).isEmpty();
  }

  @Test
  void nothingThereMeansStartFromTheBeginning() throws IOException {
    Files.createDirectory(root.resolve("step-7"));
    Files.createDirectory(root.resolve(".step-000007.partial"));

    CheckpointCatalog.Selection selection =
        CheckpointCatalog.newestValid(List.of(root, root.resolve("missing")), UID, SPEC);

    assertThat(selection.newest()).isEmpty();
    assertThat(selection.refused()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adapter_config.json",
        "adapter_model.safetensors",
        "optimizer.safetensors",
        "trainer_state.json",
        "manifest.json"
      })
  void fallsBackPastAnyAlteredOrMissingFile(String name) throws IOException {
    write(1);
    for (String damage : List.of("flip", "cut", "delete")) {
      write(2);
      Path file = root.resolve("step-000002").resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      switch (damage) {
        case "flip" -> {
          bytes[bytes.length / 2] ^= 1;
          Files.write(file, bytes);
        }
        case "cut" -> Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        default -> Files.delete(file);
      }

      CheckpointCatalog.Selection selection =
          CheckpointCatalog.newestValid(List.of(root), UID, SPEC);

      assertThat(selection.newest().orElseThrow().manifest().step()).as(damage).isEqualTo(1);
      assertThat(selection.refused()).as(damage).hasSize(1);
      assertThat(selection.refused().getFirst().reason())
          .as(damage)
          .contains(damage.equals("delete") && name.equals("manifest.json") ? "step-000002" : name);
    }
  }

  @Test
  void fallsBackPastAManifestWithoutFilesAndOtherRuns() throws IOException {
    write(1);
    write(2);
    try (Stream<Path> files = Files.list(root.resolve("step-000002"))) {
      for (Path file : files.filter(f -> !f.endsWith("manifest.json")).toList()) {
        Files.delete(file);
      }
    }
    CheckpointWriter.write(root, checkpoint(3), "another-uid", SPEC, 3, TIME);
    CheckpointWriter.write(root, checkpoint(4), UID, "cd".repeat(32), 4, TIME);
    write(5);
    Files.move(root.resolve("step-000005"), root.resolve("step-000006"));

    CheckpointCatalog.Selection selection = CheckpointCatalog.newestValid(List.of(root), UID, SPEC);

    assertThat(selection.newest().orElseThrow().manifest().step()).isEqualTo(1);
    assertThat(selection.refused())
        .extracting(CheckpointCatalog.Refusal::reason)
        .satisfiesExactly(
            r -> assertThat(r).isEqualTo("its manifest is of step 5"),
            r -> assertThat(r).startsWith("belongs to another run document"),
            r -> assertThat(r).startsWith("belongs to another object"),
            r -> assertThat(r).contains("is missing, though the manifest lists it"));
  }

  @Test
  void aCheckpointThatCannotBeWrittenLeavesNothing() {
    TrainingCheckpoint sound = checkpoint(1);
    PeftConfig otherRank = new PeftConfig("m", 2, 1, 0, List.of("q_proj"), false);
    TrainingCheckpoint broken =
        new TrainingCheckpoint(
            new PeftAdapter(otherRank, sound.adapter().tensors()),
            sound.optimizer(),
            Map.of(),
            sound.trainerState());

    assertThatThrownBy(() -> CheckpointWriter.write(root, broken, UID, SPEC, 1, TIME))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("do not have rank 2");
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void theBestAdapterComesBackToo() {
    TrainingCheckpoint plain = checkpoint(7);
    TrainingCheckpoint best =
        new TrainingCheckpoint(
            plain.adapter(),
            plain.optimizer(),
            checkpoint(5).adapter().tensors(),
            plain.trainerState());

    CheckpointManifest manifest = CheckpointWriter.write(root, best, UID, SPEC, 7, TIME);

    assertThat(manifest.files()).containsKey(TrainingCheckpoint.BEST_FILE);
    Map<String, HostTensor> read = CheckpointReader.read(root.resolve("step-000007")).best();
    assertThat(read.keySet()).isEqualTo(best.best().keySet());
    read.forEach((name, tensor) ->
        assertThat(tensor.data().mismatch(Objects.requireNonNull(best.best().get(name)).data()))
            .isEqualTo(-1));
  }

  @Test
  void deletingLeavesNothing() {
    write(1);

    CheckpointWriter.deleteCheckpoint(root.resolve("step-000001"));

    assertThat(root).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "schemaVersion | 2                | schemaVersion is 2, not 1",
        "schemaVersion | null             | schemaVersion is null, not 1",
        "uid           | 5                | has no text 'uid'",
        "step          | -1               | step is -1",
        "step          | 1.5              | step is 1.5",
        "time          | \"yesterday\"    | time is 'yesterday'",
        "files         | []               | must list [adapter_config.json",
        "files         | [{\"name\":\"../x\",\"size\":1,\"sha256\":\"00\"}] | the entry of file '../x' is not sound",
      })
  void refusesUnsoundManifests(String field, String value, String message) throws IOException {
    ObjectNode json = JsonFiles.parseObject(write(1).toJson(), "manifest");
    json.set(field, JsonFiles.MAPPER.readTree(value));

    assertThatThrownBy(
            () -> CheckpointManifest.parse(JsonFiles.pretty(json), "s3://bucket/manifest.json"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("s3://bucket/manifest.json: ")
        .hasMessageContaining(message);
  }

  @Test
  void aManifestIsReadFromBytesAsItWasWritten() {
    CheckpointManifest manifest = write(1);

    assertThat(CheckpointManifest.parse(manifest.toJson(), "anywhere")).isEqualTo(manifest);
    assertThat(new String(manifest.toJson(), StandardCharsets.UTF_8)).endsWith("}\n");
    assertThat(CheckpointManifest.stepOf(CheckpointManifest.folderName(42))).hasValue(42);
    assertThat(CheckpointManifest.stepOf("step-99999999999999999999")).isEmpty();
  }

  private CheckpointManifest write(long step) {
    return CheckpointWriter.write(root, checkpoint(step), UID, SPEC, step, TIME);
  }

  private static TrainingCheckpoint checkpoint(long step) {
    String module = "base_model.model.model.layers.0.self_attn.q_proj.";
    Map<String, HostTensor> adapter =
        Map.of(
            module + "lora_A.weight", Fixtures.floats(new long[] {1, 2}, (float) step, 2),
            module + "lora_B.weight", Fixtures.floats(new long[] {2, 1}, 3, 4));
    return new TrainingCheckpoint(
        new PeftAdapter(new PeftConfig("m", 1, 1, 0, List.of("q_proj"), false), adapter),
        Map.of(
            "step",
            Fixtures.bytes(DType.INT64, new long[0], "%02x00000000000000".formatted(step & 0xFF))),
        Map.of(),
        JsonFiles.MAPPER.createObjectNode().put("position", step));
  }
}
