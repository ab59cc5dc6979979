package io.loraoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.operator.Yaml;
import io.loraoperator.operator.check.SpecExaminer;
import io.loraoperator.operator.check.SpecVerdict;
import io.loraoperator.operator.observe.RunRecord;
import io.loraoperator.operator.observe.RunRecords;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that is rendered for an attempt, as YAML beside what it is rendered from. */
class GoldenResourcesTest {

  private static final PodSettings SETTINGS =
      new PodSettings(
          "localhost/lora-operator/trainer:1.0.0",
          "localhost/lora-operator/reporter:1.0.0",
          "IfNotPresent",
          List.of("registry-login"),
          "50Gi",
          "128Mi");

  private static final int DEFAULT_THREADS = 2;

  static List<Path> cases() {
    return Yaml.cases("golden");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isRenderedAsCommitted(Path folder) {
    LoraFineTune resource = Yaml.read(folder.resolve("in.yaml"), LoraFineTune.class);
    SpecVerdict verdict =
        new SpecExaminer(List.of()).examine(ContractJson.tree(resource.getSpec()));
    assertThat(verdict).isInstanceOf(SpecVerdict.Accepted.class);
    AttemptOrder order = AttemptOrder.of(resource, run(resource), (SpecVerdict.Accepted) verdict);

    List<HasMetadata> rendered = new ArrayList<>();
    rendered.add(RunConfigMap.of(order));
    rendered.addAll(ReporterAccess.of(order));
    rendered.add(TrainingJob.of(order, SETTINGS));

    for (HasMetadata child : rendered) {
      String file = "out-" + child.getKind().toLowerCase(Locale.ROOT) + ".yaml";
      Yaml.compare(folder.resolve(file), child);
    }
  }

  private static RunRecord run(LoraFineTune resource) {
    RunRecord recorded = RunRecords.read(resource.getStatus());
    return recorded == null
        ? RunRecord.first(
            1,
            "any",
            "any",
            "",
            SpecValues.threads(resource.getSpec(), DEFAULT_THREADS),
            Instant.EPOCH)
        : recorded;
  }
}
