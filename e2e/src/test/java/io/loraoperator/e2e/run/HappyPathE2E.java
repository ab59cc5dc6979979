package io.loraoperator.e2e.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.status.ProgressStatus;
import io.loraoperator.e2e.cluster.ClusterExtension;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The first example as a newcomer runs it: a real model learns something. */
@ExtendWith({ClusterExtension.class, OperatorExtension.class})
class HappyPathE2E {
  private static final Path EXAMPLE =
      OperatorExtension.CHECKOUT.resolve("examples/01-debian-helper");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How far the loss has to fall: mean of the last ten steps over that of the first ten. */
  private static final double LEARNED = 0.75;

  private static final Duration PATIENCE = Duration.ofMinutes(15);

  private final InstalledOperator operator;

  HappyPathE2E(InstalledOperator operator) {
    this.operator = operator;
  }

  @Test
  void exampleLearnsAndItsAdapterIsInTheObjectStore() throws IOException, NoSuchAlgorithmException {
    try (Scenario scenario = Scenario.create(operator)) {
      Models.uploadSmolLm2(scenario.store());
      scenario
          .store()
          .upload(EXAMPLE.resolve("data/train.jsonl"), scenario.bucket(), "train.jsonl");
      FineTune run = scenario.apply(example(scenario));
      LoraFineTune completed;
      try (Sightings sightings = Sightings.of(run)) {
        run.awaitStep(1, 1);
        Evidence.keep("happy-path-running", run.row());
        completed = run.awaitStatus("Completed", PATIENCE);

        assertThat(sightings.statusesUntil("Completed"))
            .containsSubsequence("Starting", "Running", "Completed");
        assertThat(sightings.all().stream().map(HappyPathE2E::step)).isSorted();
      }
      Evidence.keep("happy-path-completed", run.row());
      Evidence.keep("happy-path-events", scenario.kubectl("get", "events"));
      Evidence.keep(
          "happy-path-object", scenario.kubectl("get", "lorafinetune", run.name(), "-o", "yaml"));

      showsTheLastStep(run, completed);
      learned(TrainingLog.read(scenario, completed, 1));
      keepsWhatItsManifestSays(scenario, completed);
      answersBeforeAndAfter(scenario, completed);
      run.awaitEvent("Starting");
      run.awaitEvent("Running");
      run.awaitEvent("Completed");
    }
  }

  /** The example's own manifest, but for where the cluster of the tests has things. */
  private static Manifest example(Scenario scenario) {
    return Manifest.parse(
            Manifest.read(EXAMPLE.resolve("finetune.yaml"))
                .replace("http://minio.minio:9000", scenario.cluster().s3().clusterUrl()))
        .with("spec.dataset.train.source.s3.uri", "s3://" + scenario.bucket() + "/train.jsonl")
        .with("spec.output.destination.s3.uri", "s3://" + scenario.bucket() + "/adapters/");
  }

  private static void showsTheLastStep(FineTune run, LoraFineTune completed) {
    ProgressStatus progress = completed.getStatus().progress();
    assertThat(progress.step()).isPositive().isEqualTo(progress.totalSteps());
    assertThat(progress.totalSteps()).isEqualTo(completed.getStatus().effective().totalSteps());
    assertThat(progress.percentage()).isEqualTo(100);
    List<String> table = run.row().lines().toList();
    assertThat(table.getFirst().split("\\s+"))
        .containsExactly(
            "NAME", "STATUS", "STEP", "LOSS", "EVAL", "REMAINING", "CHECKPOINT", "AGE");
    assertThat(table.getLast())
        .matches(
            "debian-helper +Completed +%1$d/%1$d +%2$s +%3$s +\\S+ +%4$d +\\S+"
                .formatted(
                    progress.step(),
                    progress.loss().replace(".", "\\."),
                    progress.evaluationLoss().replace(".", "\\."),
                    completed.getStatus().checkpoint().step()));
  }

  private static void learned(TrainingLog log) {
    assertThat(log.meanOfLast(10)).isLessThanOrEqualTo(LEARNED * log.meanOfFirst(10));
    List<Double> evaluations = List.copyOf(log.evaluationLosses().values());
    assertThat(evaluations).hasSizeGreaterThan(1);
    assertThat(evaluations.getLast()).isLessThan(evaluations.getFirst());
  }

  private static void keepsWhatItsManifestSays(Scenario scenario, LoraFineTune completed)
      throws IOException, NoSuchAlgorithmException {
    assertThat(scenario.artifacts(completed, 1))
        .contains(
            "adapter/adapter_config.json",
            "adapter/adapter_model.safetensors",
            "adapter/tokenizer.json",
            "training_log.jsonl",
            "samples.jsonl",
            "README.md",
            "manifest.json");
    String prefix = scenario.prefix(completed, 1);
    JsonNode files = JSON.readTree(scenario.artifact(completed, 1, "manifest.json")).path("files");
    assertThat(files.properties()).isNotEmpty();
    for (Map.Entry<String, JsonNode> file : files.properties()) {
      assertThat(sha256(scenario.store().read(scenario.bucket(), prefix + file.getKey())))
          .as(file.getKey())
          .isEqualTo(file.getValue().path("sha256").asText());
    }
    assertThat(completed.getStatus().output().adapterUri())
        .isEqualTo("s3://" + scenario.bucket() + "/" + prefix + "adapter/");
    assertThat(completed.getStatus().output().adapterSha256())
        .isEqualTo(
            sha256(
                scenario
                    .store()
                    .read(scenario.bucket(), prefix + "adapter/adapter_model.safetensors")));
    assertThat(completed.getStatus().provenance().baseModelSha256()).hasSize(64);
    assertThat(completed.getStatus().gpuSeconds()).isPositive();
  }

  private static void answersBeforeAndAfter(Scenario scenario, LoraFineTune completed) {
    assertThat(scenario.artifact(completed, 1, "samples.jsonl").lines())
        .map(HappyPathE2E::parse)
        .hasSize(2)
        .allSatisfy(sample -> {
          assertThat(sample.get("prompt")).asString().contains("What is the Debian package");
          assertThat(sample.get("before")).asString().isNotBlank();
          assertThat(sample.get("after")).asString().isNotEqualTo(sample.get("before"));
        });
  }

  private static Map<String, Object> parse(String line) {
    try {
      return JSON.readValue(line, new TypeReference<>() {});
    } catch (IOException e) {
      throw new AssertionError("samples.jsonl holds a line that is not JSON: " + line, e);
    }
  }

  private static int step(LoraFineTune object) {
    ProgressStatus progress = FineTune.progress(object);
    return progress == null || progress.step() == null ? 0 : progress.step();
  }

  private static String sha256(byte[] content) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }
}
