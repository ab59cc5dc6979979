package io.loraoperator.e2e.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.ClusterExtension;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Data, models and specifications that cannot be trained: the message names what to correct. */
@ExtendWith({ClusterExtension.class, OperatorExtension.class})
class BadInputE2E {
  private final InstalledOperator operator;

  BadInputE2E(InstalledOperator operator) {
    this.operator = operator;
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void brokenRowIsNamedByFileAndLineAndRetriedOnceItIsCorrected() {
    try (Scenario scenario = Scenario.create(operator)) {
      List<String> rows = new ArrayList<>(Scenario.dataRows());
      rows.set(6, "{\"prompt\": \"never closed");
      scenario.putData(String.join("\n", rows) + "\n");
      FineTune run = scenario.apply(scenario.tiny());

      LoraFineTune failed = run.awaitStatus("DatasetInvalid");
      assertThat(FineTune.message(failed))
          .contains("s3://" + scenario.bucket() + "/train.jsonl, line 7");
      assertThat(FineTune.message(failed)).doesNotContain("Exception", "\tat ");
      assertThat(FineTune.condition(failed, "DataReady").getStatus()).isEqualTo("False");
      Evidence.keep("broken-row", run.row() + FineTune.message(failed));

      scenario.putData(String.join("\n", Scenario.dataRows()) + "\n");
      run.restart("row corrected");

      LoraFineTune completed = run.awaitStatus("Completed");
      assertThat(FineTune.condition(completed, "DataReady").getStatus()).isEqualTo("True");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void columnThatTheDataLackIsNamed() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run =
          scenario.apply(
              scenario
                  .tiny()
                  .with("spec.dataset.prompt.promptCompletion.completionField", "answer"));

      LoraFineTune failed = run.awaitStatus("DatasetInvalid");

      assertThat(FineTune.message(failed)).contains("answer", "completion");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void responseTemplateThatNoRowHasLeavesNothingToTrain() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run =
          scenario.apply(
              scenario
                  .tiny()
                  .without("spec.dataset.prompt.promptCompletion")
                  .with("spec.dataset.prompt.text.field", "prompt")
                  .with(
                      "spec.loss",
                      Map.of("tokens", "Completion", "responseTemplate", "### Nobody:")));

      LoraFineTune failed = run.awaitStatus("NoTrainableTokens");

      assertThat(FineTune.message(failed)).contains("### Nobody:");
      assertThat(FineTune.condition(failed, "DataReady").getReason())
          .isEqualTo("NoTrainableTokens");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void modelOfAnUnknownFamilyIsRefusedByName() {
    try (Scenario scenario = Scenario.create(operator)) {
      for (Path file : Models.files(Models.TINY_LLAMA)) {
        String key = "model/" + file.getFileName();
        if (key.endsWith("/config.json")) {
          scenario.put(
              key,
              Manifest.read(file)
                  .replace("\"model_type\": \"llama\"", "\"model_type\": \"abacus\""));
        } else {
          scenario.store().upload(file, scenario.bucket(), key);
        }
      }
      FineTune run =
          scenario.apply(
              scenario
                  .tiny()
                  .with("spec.baseModel.source.s3.uri", "s3://" + scenario.bucket() + "/model/"));

      LoraFineTune failed = run.awaitStatus("UnsupportedModel");

      assertThat(FineTune.message(failed)).contains("abacus");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void whatIsNotBuiltYetIsRefusedBeforeAnythingStarts() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run = scenario.apply(scenario.tiny().with("spec.baseModel.precision", "Float16"));

      LoraFineTune refused = run.awaitStatus("InvalidSpec");

      assertThat(FineTune.message(refused))
          .contains("not supported yet: spec.baseModel.precision Float16");
      assertThat(FineTune.condition(refused, "Accepted").getStatus()).isEqualTo("False");
      assertThat(scenario.kubectl("get", "jobs,configmaps", "--output=name"))
          .doesNotContain(run.name());

      scenario.apply(scenario.tiny());

      assertThat(run.awaitStatus("Completed").getStatus().run().number()).isOne();
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void storageThatTheAdministratorDoesNotAllowIsRefused() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run =
          scenario.apply(
              scenario
                  .tiny()
                  .with("spec.output.destination.s3.endpoint", "https://elsewhere.example"));

      LoraFineTune refused = run.awaitStatus("InvalidSpec");

      assertThat(FineTune.message(refused))
          .contains(
              "spec.output.destination.s3.endpoint",
              "https://elsewhere.example",
              scenario.cluster().s3().clusterUrl());
    }
  }
}
