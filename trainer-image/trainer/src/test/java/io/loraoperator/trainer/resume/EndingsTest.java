package io.loraoperator.trainer.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.checkpoint.FileDigest;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.trainer.cli.Invocation;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ends of a run before its last step. */
class EndingsTest {

  private static final Pattern STOPPED =
      Pattern.compile("stopped after step (\\d+) of \\d+, .* 3 times .* that of step (\\d+),");

  @TempDir Path folder;

  @Test
  void stopsEarlyWithTheBestAdapterAlsoWhenInterrupted() throws IOException {
    TinyRun run = TinyRun.write(folder);
    // Too fast to learn anything that holds for other rows.
    run.manifest(", earlyStopping: {patience: 3}, maxGradientNorm: \"0\"", "1e-1");
    Path unbroken = folder.resolve("unbroken");
    Invocation whole = Invocation.of(run.arguments(unbroken).toArray(String[]::new));
    assertThat(whole.code()).as(whole.err()).isZero();
    ResultDocument result = ResultDocument.parse(whole.out());
    assertThat(result.reason()).isEqualTo(Reason.StoppedEarly);
    Matcher matcher = STOPPED.matcher(result.message());
    assertThat(matcher.find()).as(result.message()).isTrue();
    int last = Integer.parseInt(matcher.group(1));
    int best = Integer.parseInt(matcher.group(2));
    assertThat(last).isEqualTo(best + 3 * 7).isLessThan(TinyRun.STEPS);
    assertThat(result.finalStep()).isEqualTo(last);
    String bestCheckpoint = "checkpoints/step-%06d/adapter_model.safetensors".formatted(best);
    assertThat(unbroken.resolve(bestCheckpoint))
        .as("the best checkpoint is kept beside the newest two")
        .hasSameBinaryContentAs(unbroken.resolve("adapter/adapter_model.safetensors"));
    assertThat(unbroken.resolve("checkpoints").toFile().list()).hasSize(3);

    Path broken = folder.resolve("broken");
    for (int step : List.of(best + 1, best + 9, best + 16)) {
      Invocation interrupted =
          Invocation.of(
              (line, termination) -> {
                if (TrainerProcess.step(line) == step) {
                  termination.signal().request();
                }
              },
              run.arguments(broken).toArray(String[]::new));
      assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(30);
    }
    Invocation rest = Invocation.of(run.arguments(broken).toArray(String[]::new));

    assertThat(rest.code()).as(rest.err()).isZero();
    assertThat(ResultDocument.parse(rest.out()).reason()).isEqualTo(Reason.StoppedEarly);
    assertThat(TinyRun.Results.of(broken)).isEqualTo(TinyRun.Results.of(unbroken));
  }

  /**
   * B is zero, so nothing happens until it is learned; A leaves little of what float32 can hold.
   */
  private Path steepAdapter(TinyRun run) throws IOException {
    Path trained = folder.resolve("before");
    assertThat(Invocation.of(run.arguments(trained).toArray(String[]::new)).code()).isZero();
    PeftAdapter adapter = PeftAdapter.read(trained.resolve("adapter"));
    adapter
        .tensors()
        .forEach((name, tensor) -> {
          for (long i = 0; i < tensor.elements(); i++) {
            float value = tensor.data().getAtIndex(ValueLayout.JAVA_FLOAT, i);
            tensor
                .data()
                .setAtIndex(ValueLayout.JAVA_FLOAT, i, name.contains("lora_B") ? 0 : value * 1e15f);
          }
        });
    Path steep = Files.createDirectories(folder.resolve("steep"));
    PeftAdapter.write(steep, adapter.config(), adapter.tensors());
    return steep;
  }

  @Test
  void aLossThatDivergesEndsTheRunAndKeepsTheLastGoodCheckpoint() throws IOException {
    TinyRun run = TinyRun.write(folder);
    // Elsewhere a normalisation would turn what is too large into zeros.
    Path manifest = folder.resolve("finetune.yaml");
    Files.writeString(
        manifest,
        Files.readString(manifest).replace("all-linear", "gate_proj, up_proj, down_proj"));
    String steep = steepAdapter(run).toString();
    Path output = folder.resolve("out");
    Invocation sound =
        Invocation.of(
            (line, termination) -> {
              if (TrainerProcess.step(line) == 1) {
                termination.signal().request();
              }
            },
            run.arguments(output, "--initial-adapter", steep).toArray(String[]::new));
    assertThat(sound.code()).as(sound.err()).isEqualTo(30);
    Path kept = output.resolve("checkpoints/step-000001/adapter_model.safetensors");
    String digest = FileDigest.sha256(kept);

    Invocation diverged =
        Invocation.of(run.arguments(output, "--initial-adapter", steep).toArray(String[]::new));

    assertThat(diverged.code()).as(diverged.err()).isEqualTo(20);
    ResultDocument result = ResultDocument.parse(diverged.out());
    assertThat(result.reason()).isEqualTo(Reason.LossDiverged);
    assertThat(result.message())
        .containsPattern(
            "the .* of step \\d+ is (NaN|-?Infinity); the newest checkpoint is of step");
    assertThat(FileDigest.sha256(kept)).isEqualTo(digest);
    assertThat(Files.exists(output.resolve("adapter"))).isFalse();
  }
}
