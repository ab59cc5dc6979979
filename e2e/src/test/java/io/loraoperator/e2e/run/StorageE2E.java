package io.loraoperator.e2e.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.ClusterExtension;
import io.loraoperator.e2e.install.TenantNamespace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Wrong addresses and wrong keys, and how a user puts them right. */
@ExtendWith({ClusterExtension.class, OperatorExtension.class})
class StorageE2E {
  private final InstalledOperator operator;

  StorageE2E(InstalledOperator operator) {
    this.operator = operator;
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void dataInABucketThatDoesNotExist() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run =
          scenario.apply(
              scenario
                  .tiny()
                  .with("spec.dataset.train.source.s3.uri", "s3://no-such-bucket/train.jsonl"));

      LoraFineTune failed = run.awaitStatus("DatasetNotFound");

      assertThat(FineTune.message(failed))
          .contains("s3://no-such-bucket/train.jsonl", "spec.restart");
      assertThat(FineTune.condition(failed, "DataReady").getReason()).isEqualTo("DatasetNotFound");
      assertThat(FineTune.condition(failed, "Stalled").getStatus()).isEqualTo("True");
      run.awaitEvent("DatasetNotFound");
      assertThat(failed.getStatus().run().attempt()).as("the same again would fail again").isOne();
      Evidence.keep("wrong-bucket", run.row() + FineTune.message(failed));
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void modelThatIsNotThere() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run =
          scenario.apply(
              scenario.tiny().with("spec.baseModel.source.s3.uri", "s3://models/no-such-model/"));

      LoraFineTune failed = run.awaitStatus("BaseModelNotFound");

      assertThat(FineTune.message(failed)).contains("s3://models/no-such-model/", "spec.restart");
      assertThat(run.row()).contains("BaseModelNotFound");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void destinationInABucketThatDoesNotExist() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run =
          scenario.apply(
              scenario
                  .tiny()
                  .with("spec.output.destination.s3.uri", "s3://no-such-bucket/adapters/")
                  .with("spec.backoffLimit", 0));

      LoraFineTune failed = run.awaitStatus("StorageUnavailable");

      assertThat(FineTune.message(failed)).contains("no-such-bucket", "spec.restart");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void storeThatDoesNotAnswerIsTriedAgainBeforeTheRunFails() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run =
          scenario.apply(
              scenario
                  .tiny()
                  .with("spec.dataset.train.source.s3.endpoint", InstalledOperator.DEAD_ENDPOINT)
                  .with("spec.backoffLimit", 1));

      LoraFineTune failed = run.awaitStatus("BackoffLimitExceeded");

      assertThat(FineTune.message(failed))
          .contains("1 of 1 retries", "StorageUnavailable", "s3://" + scenario.bucket());
      assertThat(failed.getStatus().run().attempt()).isEqualTo(2);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void wrongKeysArePutRightAndTheRunIsRestarted() {
    try (Scenario scenario = Scenario.create(operator)) {
      scenario.putWrongKeys();
      FineTune run = scenario.apply(scenario.tiny());

      LoraFineTune failed = run.awaitStatus("StorageAccessDenied");
      assertThat(FineTune.message(failed)).contains("denied", "Secret", "spec.restart");
      Evidence.keep("wrong-credentials", run.row() + FineTune.message(failed));

      scenario.putRightKeys();
      run.restart("keys corrected");

      LoraFineTune completed = run.awaitStatus("Completed");
      assertThat(completed.getStatus().run().number()).as("the same run").isOne();
      assertThat(completed.getStatus().run().attempt()).isEqualTo(2);
      assertThat(completed.getStatus().run().restarts()).isOne();
      assertThat(scenario.artifacts(completed, 1)).contains("adapter/adapter_model.safetensors");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void missingSecretIsNamedAndTheRunGoesOnOnceItIsThere() {
    try (Scenario scenario = Scenario.create(operator)) {
      scenario.kubectl("delete", "secret", TenantNamespace.STORAGE_SECRET);
      FineTune run = scenario.apply(scenario.tiny());

      LoraFineTune waiting =
          run.await(
              "word of the missing Secret",
              object -> FineTune.message(object).contains(TenantNamespace.STORAGE_SECRET));
      assertThat(FineTune.status(waiting)).isEqualTo("Starting");

      scenario.putRightKeys();

      LoraFineTune completed = run.awaitStatus("Completed");
      assertThat(completed.getStatus().run().attempt()).isOne();
    }
  }
}
