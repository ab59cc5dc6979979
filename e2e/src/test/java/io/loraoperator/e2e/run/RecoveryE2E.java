package io.loraoperator.e2e.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.status.HistoryEntry;
import io.loraoperator.api.status.ProgressStatus;
import io.loraoperator.e2e.cluster.ClusterExtension;
import io.loraoperator.e2e.cluster.process.Await;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Runs that are interrupted, changed or ended from outside. */
@ExtendWith({ClusterExtension.class, OperatorExtension.class})
class RecoveryE2E {
  /** So many that they are not done before a test has seen some of them. */
  private static final int MANY_STEPS = 2000;

  private static final int CHECKPOINT_EVERY = 50;

  /** More than a tenant would wait for. */
  private static final int ENDLESS_STEPS = 1_000_000;

  private final InstalledOperator operator;

  RecoveryE2E(InstalledOperator operator) {
    this.operator = operator;
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void runThatDoesNotFitIsRefusedAndTrainsWithMoreMemory() {
    try (Scenario scenario = Scenario.create(operator)) {
      Models.uploadSmolLm2(scenario.store());
      Manifest smol =
          scenario
              .tiny()
              .with("spec.baseModel.source.s3.uri", "s3://models/" + Models.SMOLLM2)
              .with("spec.training.maxSteps", 2);
      FineTune run = scenario.apply(smol.with("spec.resources.memory", "400Mi"));

      LoraFineTune refused = run.awaitStatus("InsufficientMemory");
      assertThat(FineTune.message(refused))
          .contains("the limit is 0.39 GiB", "raise spec.resources.memory above");
      assertThat(refused.getStatus().run().attempt()).as("the same again would be").isOne();
      assertThat(refused.getStatus().checkpoint()).as("nothing was trained").isNull();
      Evidence.keep("insufficient-memory", run.row() + FineTune.message(refused));

      scenario.apply(smol.with("spec.resources.memory", "4Gi"));

      LoraFineTune completed = run.awaitStatus("Completed");
      assertThat(completed.getStatus().run().number()).as("the same run").isOne();
      assertThat(completed.getStatus().run().attempt()).isEqualTo(2);
      assertThat(completed.getStatus().progress().step()).isEqualTo(2);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @Tag("needs-processes")
  void outOfMemoryThenMoreMemoryAndTheSameRunGoesOn() {
    try (Scenario scenario = Scenario.create(operator)) {
      Manifest manifest = longRun(scenario, MANY_STEPS);
      FineTune run = scenario.apply(manifest.with("spec.resources.memory", "1Gi"));
      run.awaitStep(1, CHECKPOINT_EVERY + 1);
      run.awaitCheckpoint();

      PodProcess.trainer(scenario.namespace()).exhaustMemory();

      LoraFineTune killed = run.awaitStatus("OutOfMemory");
      assertThat(FineTune.message(killed)).contains("1Gi", "spec.resources.memory");
      assertThat(killed.getStatus().run().attempt()).as("the same again would be killed").isOne();
      Evidence.keep("out-of-memory", run.row() + FineTune.message(killed));

      scenario.apply(manifest.with("spec.resources.memory", "2Gi"));

      LoraFineTune completed = run.awaitStatus("Completed");
      assertThat(completed.getStatus().run().number()).as("the same run").isOne();
      assertThat(completed.getStatus().run().attempt()).isEqualTo(2);
      assertThat(completed.getStatus().run().restarts()).isOne();
      assertThat(FineTune.resumedAt(completed)).isGreaterThanOrEqualTo(CHECKPOINT_EVERY);
      assertThat(completed.getStatus().progress().step()).isEqualTo(MANY_STEPS);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void deletedPodIsReplacedAndGoesOnFromItsCheckpoint() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run = scenario.apply(longRun(scenario, MANY_STEPS));
      try (Sightings sightings = Sightings.of(run)) {
        LoraFineTune training = run.awaitStep(1, CHECKPOINT_EVERY + 1);
        int before = run.awaitCheckpoint().getStatus().checkpoint().step();
        assertThat(training.getStatus().run().resumes()).isIn(null, 0);
        Pod pod = run.pods().getFirst();

        scenario.cluster().deletePod(scenario.namespace(), pod.getMetadata().getName());

        LoraFineTune completed = run.awaitStatus("Completed");
        assertThat(completed.getStatus().run().number()).isOne();
        assertThat(completed.getStatus().run().attempt()).isEqualTo(2);
        assertThat(completed.getStatus().run().resumes()).isOne();
        assertThat(completed.getStatus().progress().step()).isEqualTo(MANY_STEPS);
        assertThat(sightings.statusesUntil("Completed"))
            .containsSubsequence("Running", "Resuming", "Running", "Completed");
        assertThat(stepsOf(sightings, 2))
            .as("steps that the second attempt reported")
            .isNotEmpty()
            .allSatisfy(step -> assertThat(step).isGreaterThanOrEqualTo(before))
            .isSorted();
        assertThat(scenario.artifacts(completed, 1))
            .contains("adapter/adapter_model.safetensors", "manifest.json");
        assertThat(loggedSteps(scenario, completed))
            .as("no step is lost or told twice")
            .isEqualTo(IntStream.rangeClosed(1, MANY_STEPS).boxed().toList());
      }
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void suspendedRunGivesItsPodBackAndGoesOnAtTheStepWhereItStopped() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run =
          scenario.apply(longRun(scenario, MANY_STEPS).with("spec.checkpoint.everySteps", 0));
      int seen = run.awaitStep(1, 20).getStatus().progress().step();

      run.patch("{\"spec\": {\"suspend\": true}}");
      run.awaitStatus("Suspended");
      run.awaitNoPods();
      LoraFineTune suspended = run.get();
      assertThat(suspended.getStatus().checkpoint().step())
          .as("a checkpoint was written on the way out")
          .isGreaterThanOrEqualTo(seen);

      run.patch("{\"spec\": {\"suspend\": false}}");
      LoraFineTune resumed = run.awaitProgressOfAttempt(2);
      assertThat(resumed.getStatus().progress().step())
          .isGreaterThanOrEqualTo(suspended.getStatus().checkpoint().step());
      LoraFineTune completed = run.awaitStatus("Completed");
      assertThat(completed.getStatus().progress().step()).isEqualTo(MANY_STEPS);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void editedLearningRateBeginsAnotherRunAndKeepsTheOldOneInHistory() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run = scenario.apply(longRun(scenario, ENDLESS_STEPS));
      run.awaitStep(1, CHECKPOINT_EVERY + 1);
      LoraFineTune first = run.awaitCheckpoint();
      try (Sightings sightings = Sightings.of(run)) {

        scenario.apply(scenario.tiny().with("spec.training.learningRate", "5e-4"));

        LoraFineTune completed = run.awaitStatus("Completed");
        assertThat(completed.getStatus().run().number()).isEqualTo(2);
        assertThat(completed.getStatus().run().attempt()).isOne();
        assertThat(completed.getStatus().run().specHash())
            .isNotEqualTo(first.getStatus().run().specHash());
        assertThat(completed.getStatus().history())
            .singleElement()
            .satisfies(old -> {
              assertThat(old.number()).isOne();
              assertThat(old.result()).isEqualTo("Superseded");
              assertThat(old.finalLoss()).isNotBlank();
              assertThat(old.specHash()).isEqualTo(first.getStatus().run().specHash());
            });
        assertThat(sightings.all())
            .filteredOn(object ->
                FineTune.isUpToDate(object)
                    && object.getStatus().run().number() == 2
                    && object.getStatus().run().jobName() != null)
            .isNotEmpty()
            .allSatisfy(object -> {
              if (object.getStatus().progress() != null) {
                assertThat(object.getStatus().progress().run()).isEqualTo(2);
              }
              if (object.getStatus().checkpoint() != null) {
                assertThat(object.getStatus().checkpoint().uri())
                    .contains("/2-" + object.getMetadata().getUid().substring(0, 8) + "/");
              }
            });
        assertThat(scenario.artifacts(completed, 1)).as("of run 1").isNotEmpty();
        assertThat(scenario.artifacts(completed, 2)).contains("adapter/adapter_model.safetensors");
        assertThat(completed.getStatus().history().stream().map(HistoryEntry::number))
            .containsExactly(1);
      }
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void deletedObjectTakesItsChildrenAlongAndLeavesItsArtifacts() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run = scenario.apply(longRun(scenario, ENDLESS_STEPS));
      LoraFineTune training = run.awaitCheckpoint();
      assertThat(children(scenario)).isNotEmpty();

      run.resource().delete();

      Await.until(
          FineTune.PATIENCE,
          () -> children(scenario).isEmpty(),
          () -> "left behind: " + children(scenario) + "\n" + Diagnosis.of(scenario, run.name()));
      assertThat(scenario.artifacts(training, 1))
          .anySatisfy(key -> assertThat(key).startsWith("checkpoints/"));
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void deadlineEndsTheRunAndARaisedOneLetsItGoOn() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run = scenario.apply(longRun(scenario, ENDLESS_STEPS));
      run.awaitCheckpoint();

      run.patch("{\"spec\": {\"activeDeadlineSeconds\": 1}}");

      LoraFineTune failed = run.awaitStatus("DeadlineExceeded");
      assertThat(FineTune.message(failed)).contains("spec.activeDeadlineSeconds is 1.");
      run.awaitNoPods();
      int step = run.get().getStatus().checkpoint().step();

      run.patch("{\"spec\": {\"activeDeadlineSeconds\": 3600, \"restart\": \"go on\"}}");

      LoraFineTune resumed = run.awaitProgressOfAttempt(2);
      assertThat(resumed.getStatus().progress().step()).isGreaterThanOrEqualTo(step);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void afterItsTimeTheJobGoesAndTheResultStays() {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run = scenario.apply(scenario.tiny().with("spec.ttlSecondsAfterFinished", 2));
      LoraFineTune completed = run.awaitStatus("Completed");

      Await.until(
          FineTune.PATIENCE,
          () -> children(scenario).isEmpty(),
          () -> "left behind: " + children(scenario));

      LoraFineTune later = run.get();
      assertThat(FineTune.status(later)).isEqualTo("Completed");
      assertThat(later.getStatus().output()).isEqualTo(completed.getStatus().output());
      assertThat(later.getStatus().run().number()).isOne();
      assertThat(later.getStatus().run().attempt()).isOne();
    }
  }

  private static Manifest longRun(Scenario scenario, int steps) {
    return scenario
        .tiny()
        .with("spec.training.maxSteps", steps)
        .with("spec.training.logEverySteps", steps == ENDLESS_STEPS ? CHECKPOINT_EVERY : 1)
        .with("spec.checkpoint.everySteps", CHECKPOINT_EVERY);
  }

  private static List<Integer> stepsOf(Sightings sightings, int attempt) {
    return sightings.all().stream()
        .map(FineTune::progress)
        .filter(progress ->
            progress != null
                && Objects.equals(progress.attempt(), attempt)
                && progress.step() != null
                && progress.step() > 0)
        .map(ProgressStatus::step)
        .toList();
  }

  private static List<Integer> loggedSteps(Scenario scenario, LoraFineTune object) {
    return TrainingLog.read(scenario, object, 1).losses().keySet().stream().toList();
  }

  /** Everything of the operator's in the namespace, as {@code kubectl} names it. */
  private static List<String> children(Scenario scenario) {
    return scenario
        .kubectl(
            "get",
            "jobs,pods,configmaps,serviceaccounts,roles,rolebindings",
            "--selector=app.kubernetes.io/managed-by=lora-operator",
            "--output=name")
        .lines()
        .filter(line -> line.contains("/"))
        .toList();
  }
}
