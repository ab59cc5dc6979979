package io.loraoperator.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContractTest {

  @Test
  void everyDefaultIsAValidValue() {
    for (SpecField field : SpecFields.all()) {
      if (field.defaultValue() != null) {
        assertThat(field.type().expectation(field.defaultValue())).as(field.path()).isEmpty();
      }
    }
  }

  @Test
  void noFieldIsAnObjectAndAValueAtOnce() {
    for (SpecField field : SpecFields.all()) {
      assertThat(SpecFields.isObject(field.path())).as(field.path()).isFalse();
    }
  }

  @Test
  void everyUnsupportedPathExists() {
    for (String path : UnsupportedFeatures.paths()) {
      assertThat(SpecFields.find(path).isPresent() || SpecFields.isObject(path)).as(path).isTrue();
    }
  }

  @Test
  void exitCodesAreThoseOfTheContract() {
    assertThat(ExitCode.of(Reason.Completed).code()).isZero();
    assertThat(ExitCode.of(Reason.StoppedEarly).code()).isZero();
    assertThat(ExitCode.of(Reason.InternalError).code()).isEqualTo(1);
    assertThat(
            List.of(
                    Reason.InvalidSpec,
                    Reason.BaseModelNotFound,
                    Reason.UnsupportedModel,
                    Reason.DatasetNotFound,
                    Reason.DatasetInvalid,
                    Reason.NoTrainableTokens,
                    Reason.StorageAccessDenied,
                    Reason.StorageUnavailable,
                    Reason.InsufficientMemory,
                    Reason.OutOfMemory,
                    Reason.LossDiverged)
                .stream()
                .map(reason -> ExitCode.of(reason).code()))
        .containsExactly(10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
    assertThat(ExitCode.INTERRUPTED.code()).isEqualTo(30);
    assertThat(ExitCode.ofCode(137)).isEmpty();
    Set<Integer> codes =
        Arrays.stream(ExitCode.values()).map(ExitCode::code).collect(Collectors.toSet());
    assertThat(codes).hasSize(ExitCode.values().length);
  }

  @Test
  void everyReasonHasARemedyOfOneLine() {
    for (Reason reason : EnumSet.allOf(Reason.class)) {
      assertThat(reason.remedy()).as(reason.name()).isNotBlank().doesNotContain("\n").endsWith(".");
    }
  }

  @Test
  void progressIsReadAsItWasWritten(@TempDir Path folder) throws IOException {
    Instant time = Instant.parse("2026-01-02T03:04:05Z");
    ProgressSnapshot snapshot =
        new ProgressSnapshot(
            2,
            1,
            ProgressSnapshot.Phase.Training,
            120,
            600,
            0.6,
            1.8231,
            null,
            2e-4,
            0.41,
            412_331L,
            1830.5,
            1490L,
            new ProgressSnapshot.Checkpoint(100, "s3://a/checkpoints/step-000100/", "ab", time),
            "the store answers 503",
            new ProgressSnapshot.Resumption(
                50, "s3://a/checkpoints/step-000050/", List.of("step-000075: it is torn")),
            time);
    Path file = folder.resolve("progress.json");

    snapshot.write(file);

    assertThat(ProgressSnapshot.read(file)).isEqualTo(snapshot);
    assertThat(folder.toFile().list()).containsExactly("progress.json");
    assertThat(file).content().contains("\"loss\":1.8231").doesNotContain("evaluationLoss");
  }

  @Test
  void aResultFitsTheTerminationMessage() throws IOException {
    ResultDocument document =
        ResultDocument.failure(
            Reason.DatasetInvalid, "train.jsonl:3: " + "\uD83D\uDE00".repeat(5000), "correct it");

    String json = document.toJson();

    assertThat(json.getBytes(StandardCharsets.UTF_8).length)
        .isLessThanOrEqualTo(ResultDocument.MAXIMUM_BYTES);
    ResultDocument read = ResultDocument.parse(json);
    assertThat(read.reason()).isEqualTo(Reason.DatasetInvalid);
    assertThat(read.message()).startsWith("train.jsonl:3: ").endsWith("...");
    assertThat(read.remedy()).isEqualTo("correct it");
  }
}
