package io.loraoperator.e2e.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.ClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An operator that names a trainer image which is nowhere; not beside other runs. */
@ExtendWith({ClusterExtension.class, OperatorExtension.class})
class ImagePullE2E {
  private static final String MISSING = "localhost/lora-operator/trainer:missing";

  private final InstalledOperator operator;

  ImagePullE2E(InstalledOperator operator) {
    this.operator = operator;
  }

  @Test
  void missingImageIsNamedAndTheRunIsRestartedWithTheRightOne() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune finished = scenario.apply(scenario.tiny().named("finished"));
      LoraFineTune before = finished.awaitStatus("Completed");
      FineTune run;
      operator.installWithTrainer(MISSING);
      try {
        run = scenario.apply(scenario.tiny());

        LoraFineTune failed = run.awaitStatus("ImagePullFailed");
        assertThat(FineTune.message(failed)).contains(MISSING, "spec.restart");
        run.awaitNoPods();
      } finally {
        operator.install();
      }

      run.restart("image corrected");

      LoraFineTune completed = run.awaitStatus("Completed");
      assertThat(completed.getStatus().run().number()).isOne();
      assertThat(completed.getStatus().run().attempt()).isEqualTo(2);
      assertThat(finished.get().getStatus().run())
          .as("an upgrade of the operator starts nothing")
          .isEqualTo(before.getStatus().run());
    }
  }
}
