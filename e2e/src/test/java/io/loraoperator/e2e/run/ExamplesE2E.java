package io.loraoperator.e2e.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.ClusterExtension;
import io.loraoperator.e2e.cluster.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every example's manifest on the real cluster: accepted as it is written, some run to the end. */
@ExtendWith({ClusterExtension.class, OperatorExtension.class})
class ExamplesE2E {
  private static final Path EXAMPLES = OperatorExtension.CHECKOUT.resolve("examples");

  /** Three families: one with learned positions, one with merged projections, one with caps. */
  private static final List<String> TRAINED =
      List.of("02-guanaco-multi-turn", "07-phi-3-chat", "family-gemma-2");

  private static final String EXAMPLE_STORE = "http://minio.minio:9000";

  private final InstalledOperator operator;

  ExamplesE2E(InstalledOperator operator) {
    this.operator = operator;
  }

  @Test
  void everyManifestIsValidAndAcceptedByTheOperator() throws IOException {
    try (Scenario scenario = Scenario.create(operator)) {
      List<FineTune> applied = new ArrayList<>();
      for (Path manifest : manifests()) {
        scenario.kubectl(
            "apply", "--dry-run=server", "--validate=strict", "--filename=" + manifest);
        // Suspended, it is looked at as any other, and takes no place.
        applied.add(scenario.apply(allowedStore(scenario, manifest).with("spec.suspend", true)));
      }
      for (FineTune run : applied) {
        LoraFineTune seen = run.awaitStatus("Suspended");
        assertThat(FineTune.condition(seen, "Accepted").getStatus())
            .as(run.name())
            .isEqualTo("True");
      }
    }
  }

  @Test
  void examplesOfThreeFamiliesAreTrainedToTheEnd(@TempDir Path models) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(EXAMPLES.resolve("run").toString(), "--models", models.toString()));
    command.addAll(TRAINED);
    Command.run(command);
    try (Scenario scenario = Scenario.create(operator)) {
      List<FineTune> runs = new ArrayList<>();
      for (String name : TRAINED) {
        for (Path file : Models.files(models.resolve(name))) {
          scenario
              .store()
              .upload(file, scenario.bucket(), "models/" + name + "/" + file.getFileName());
        }
        runs.add(scenario.apply(onTinyModel(scenario, name)));
      }
      for (FineTune run : runs) {
        LoraFineTune completed = run.awaitStatus("Completed");
        assertThat(scenario.artifacts(completed, 1))
            .contains(
                "adapter/adapter_config.json",
                "adapter/adapter_model.safetensors",
                "merged/config.json",
                "merged/model.safetensors");
        assertThat(completed.getStatus().output().mergedModelUri())
            .isEqualTo(
                "s3://%s/%smerged/".formatted(scenario.bucket(), scenario.prefix(completed, 1)));
        Evidence.keep("example-" + run.name(), run.row());
      }
    }
  }

  /** The example but for the address of the model, the length of the run and what it asks for. */
  private static Manifest onTinyModel(Scenario scenario, String name) throws IOException {
    Path folder = EXAMPLES.resolve(name);
    Manifest manifest = allowedStore(scenario, folder.resolve("finetune.yaml"));
    String configMap = manifest.text("spec.dataset.train.source.configMap.name");
    scenario.kubectl(
        "create",
        "configmap",
        configMap,
        "--from-file="
            + folder.resolve("data/" + manifest.text("spec.dataset.train.source.configMap.key")));
    return manifest
        .with("spec.baseModel.source", Map.of("s3", s3(scenario, "models/" + name + "/")))
        .with("spec.output.destination", Map.of("s3", s3(scenario, "adapters/")))
        .with("spec.output.merge", true)
        .without("spec.training.epochs")
        .with("spec.training.maxSteps", 4)
        .with("spec.resources", Map.of("gpus", 1, "memory", "2Gi"));
  }

  private static Map<String, String> s3(Scenario scenario, String key) {
    return Map.of(
        "uri",
        "s3://" + scenario.bucket() + "/" + key,
        "endpoint",
        scenario.cluster().s3().clusterUrl(),
        "secretName",
        "s3-credentials");
  }

  /** The operator of the tests allows the cluster's own store, and the hub. */
  private static Manifest allowedStore(Scenario scenario, Path manifest) {
    return Manifest.parse(
        Manifest.read(manifest).replace(EXAMPLE_STORE, scenario.cluster().s3().clusterUrl()));
  }

  private static List<Path> manifests() throws IOException {
    try (Stream<Path> folders = Files.list(EXAMPLES)) {
      return folders
          .filter(Files::isDirectory)
          .map(folder -> folder.resolve("finetune.yaml"))
          .sorted()
          .toList();
    }
  }
}
