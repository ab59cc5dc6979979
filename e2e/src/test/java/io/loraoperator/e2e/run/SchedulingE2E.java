package io.loraoperator.e2e.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.ClusterExtension;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Runs that the cluster does not take in yet. */
@ExtendWith({ClusterExtension.class, OperatorExtension.class})
class SchedulingE2E {
  private static final String GPU = "nvidia.com/gpu";

  /** A label that no node has. */
  private static final Map<String, Object> NOWHERE = Map.of("example.com/rack", "none");

  private final InstalledOperator operator;

  SchedulingE2E(InstalledOperator operator) {
    this.operator = operator;
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void quotaIsNamedWithItsFiguresAndTheRunGoesOnOnceItIsFree() {
    try (Scenario scenario = Scenario.create(operator)) {
      allowGpus(scenario, 1);
      // It takes the quota and never a node, so the test alone decides when the quota is free.
      FineTune first =
          scenario.apply(
              scenario.tiny().named("first").with("spec.scheduling.nodeSelector", NOWHERE));
      first.awaitStatus("Unschedulable");
      FineTune second = scenario.apply(scenario.tiny().named("second"));

      LoraFineTune waiting = second.awaitStatus("GpuQuotaExceeded");
      assertThat(FineTune.message(waiting))
          .contains("quota \"gpus\" allows 1 " + GPU + ", 1 used, 1 asked for");
      assertThat(FineTune.condition(waiting, "Admitted").getStatus()).isEqualTo("False");
      Evidence.keep(
          "quota-exceeded", scenario.kubectl("get", "lorafinetunes") + FineTune.message(waiting));

      scenario.kubectl("delete", "lorafinetune", "first");

      LoraFineTune completed = second.awaitStatus("Completed");
      assertThat(completed.getStatus().run().attempt()).isOne();
      assertThat(FineTune.condition(completed, "Admitted").getStatus()).isEqualTo("True");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void selectorThatNoNodeMeetsIsToldInTheSchedulersWordsAndCanBeCorrected() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run = scenario.apply(scenario.tiny().with("spec.scheduling.nodeSelector", NOWHERE));

      LoraFineTune waiting = run.awaitStatus("Unschedulable");
      assertThat(FineTune.message(waiting))
          .contains("0/1 nodes are available", "node affinity/selector", "spec.scheduling");
      Evidence.keep("unschedulable", run.row() + FineTune.message(waiting));

      scenario.apply(scenario.tiny());

      LoraFineTune completed = run.awaitStatus("Completed");
      assertThat(completed.getStatus().run().number()).as("the same run").isOne();
      assertThat(completed.getStatus().run().attempt()).isEqualTo(2);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void moreGpusThanTheClusterHasIsNoMatterOfWaiting() {
    try (Scenario scenario = Scenario.create(operator)) {
      int tooMany = scenario.cluster().gpus() + 1;
      FineTune run = scenario.apply(scenario.tiny().with("spec.resources.gpus", tooMany));

      LoraFineTune waiting = run.awaitStatus("Unschedulable");

      assertThat(FineTune.message(waiting)).contains("Insufficient " + GPU, "spec.resources");
    }
  }

  /** Not beside the other tests: it takes all GPUs. */
  @Test
  void runQueuesWhileOthersHaveTheGpus() {
    try (Scenario scenario = Scenario.create(operator)) {
      int all = scenario.cluster().gpus();
      FineTune first =
          scenario.apply(
              scenario
                  .tiny()
                  .named("first")
                  .with("spec.resources.gpus", all)
                  .with("spec.training.logEverySteps", 100)
                  .with("spec.training.maxSteps", 1_000_000));
      first.awaitStatus("Running");
      FineTune second = scenario.apply(scenario.tiny().named("second"));

      LoraFineTune waiting = second.awaitStatus("Queued");
      assertThat(FineTune.message(waiting)).contains("Insufficient " + GPU);
      assertThat(FineTune.condition(waiting, "Admitted").getReason()).isEqualTo("Queued");

      first.patch("{\"spec\": {\"suspend\": true}}");

      second.awaitStatus("Completed");
      assertThat(FineTune.status(first.get())).isEqualTo("Suspended");
    }
  }

  private void allowGpus(Scenario scenario, int count) {
    operator
        .client()
        .resource(
            new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("gpus")
                .withNamespace(scenario.namespace())
                .endMetadata()
                .withNewSpec()
                .addToHard("requests." + GPU, new Quantity(Integer.toString(count)))
                .endSpec()
                .build())
        .create();
    operator
        .client()
        .resourceQuotas()
        .inNamespace(scenario.namespace())
        .withName("gpus")
        .waitUntilCondition(
            quota ->
                quota != null && quota.getStatus() != null && quota.getStatus().getUsed() != null,
            FineTune.PATIENCE.toSeconds(),
            TimeUnit.SECONDS);
  }
}
