package io.loraoperator.e2e.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.status.ProgressStatus;
import io.loraoperator.e2e.cluster.ClusterExtension;
import io.loraoperator.e2e.run.Fault.Lost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs that meet a fault at a random step end with the adapter of one that met none, and the status
 * says meanwhile what is going on. {@code e2e/chaos} does it with every fault, and more than once.
 */
@ExtendWith({ClusterExtension.class, OperatorExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("needs-processes")
class ChaosE2E {
  private static final long SEED = Long.getLong("lora.chaos.seed", 1);

  /** Each fault so many times; 0: once the few that {@code verify} has time for. */
  private static final int ROUNDS = Integer.getInteger("lora.chaos.rounds", 0);

  private static final List<Fault> FEW =
      List.of(
          Fault.TRAINER_SIGKILL,
          Fault.POD_EVICTED,
          Fault.CHECKPOINT_FLIPPED_BYTE,
          Fault.S3_AWAY,
          Fault.OPERATOR_KILLED_WITH_TRAINER);

  private static final int STEPS = 800;
  private static final int CHECKPOINT_EVERY = 50;

  /** Late enough for two checkpoints, early enough for the fault to come in time. */
  private static final int FIRST = 2 * CHECKPOINT_EVERY + 5;

  private static final int LAST = STEPS / 3;

  /** From the replacement's node to its first step. */
  private static final Duration TRAINING_AGAIN = Duration.ofSeconds(30);

  private final InstalledOperator operator;
  private final List<String> table = new ArrayList<>();
  private @Nullable String unbroken;

  ChaosE2E(InstalledOperator operator) {
    this.operator = operator;
  }

  /** One fault at one step. */
  record Case(Fault fault, int step) {
    @Override
    public String toString() {
      return fault + " at step " + step;
    }
  }

  Stream<Case> cases() {
    Random random = new Random(SEED);
    List<Case> cases = new ArrayList<>();
    for (int round = 0; round < Math.max(1, ROUNDS); round++) {
      List<Fault> faults = new ArrayList<>(ROUNDS == 0 ? FEW : Arrays.asList(Fault.values()));
      String only = System.getProperty("lora.chaos.faults", "");
      if (!only.isEmpty()) {
        faults = new ArrayList<>(Arrays.stream(only.split(",", -1)).map(Fault::valueOf).toList());
      }
      faults.removeIf(fault -> !possible(fault));
      Collections.shuffle(faults, random);
      for (Fault fault : faults) {
        cases.add(new Case(fault, FIRST + random.nextInt(LAST - FIRST)));
      }
    }
    return cases.stream();
  }

  /** Whether the cluster lets the program be stopped that the fault stops, if any. */
  private boolean possible(Fault fault) {
    return fault.component().isEmpty()
        || operator.cluster().components().contains(fault.component());
  }

  @BeforeAll
  void trainUnbroken() {
    try (Scenario scenario = Scenario.create(operator)) {
      LoraFineTune completed = scenario.apply(manifest(scenario)).awaitStatus("Completed");
      unbroken = completed.getStatus().output().adapterSha256();
    }
    table.add(
        "seed %d, %d steps, a checkpoint every %d, dropout and shuffling on; unbroken adapter %s"
            .formatted(SEED, STEPS, CHECKPOINT_EVERY, unbroken));
    List<Fault> impossible = Arrays.stream(Fault.values()).filter(one -> !possible(one)).toList();
    if (!impossible.isEmpty()) {
      table.add("not with this cluster, whose programs cannot be stopped: " + impossible);
    }
    table.add(
        "fault                         at step  attempts  resumes  went on  redone  bound to training  adapter  statuses seen");
  }

  @AfterAll
  void print() throws IOException {
    String text = String.join("\n", table) + "\n";
    System.out.println(text);
    Files.writeString(Path.of("target/chaos.txt"), text);
    Evidence.keep("chaos", text);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void endsAsIfNothingHadHappened(Case fault) {
    try (Scenario scenario = Scenario.create(operator)) {
      FineTune run = scenario.apply(manifest(scenario));
      try (Sightings sightings = Sightings.of(run);
          Chaos chaos = new Chaos(scenario, run)) {
        int stopped = chaos.strike(fault.fault(), fault.step());
        LoraFineTune completed = run.awaitStatus("Completed");
        List<String> statuses = sightings.statusesUntil("Completed");
        judge(fault, stopped, run, completed, sightings, statuses);
      }
    }
  }

  private void judge(
      Case fault,
      int stopped,
      FineTune run,
      LoraFineTune completed,
      Sightings sightings,
      List<String> statuses) {
    Lost lost = fault.fault().lost();
    int attempts = completed.getStatus().run().attempt();
    int wentOn = attempts == 1 ? stopped : FineTune.resumedAt(completed);
    int redone = attempts == 1 ? 0 : Math.max(0, stopped - wentOn);
    Duration again = attempts == 1 ? null : untilTraining(run, sightings, attempts, wentOn);
    String adapter = completed.getStatus().output().adapterSha256();
    table.add(
        "%-29s %7d  %8d  %7d  %7s  %6d  %17s  %-7s  %s"
            .formatted(
                fault.fault(),
                fault.step(),
                attempts,
                Objects.requireNonNullElse(completed.getStatus().run().resumes(), 0),
                attempts == 1 ? "-" : String.valueOf(wentOn),
                redone,
                again == null ? "-" : "%.1f s".formatted(again.toMillis() / 1000.0),
                adapter.equals(unbroken) ? "equal" : "DIFFERS",
                String.join(" ", new TreeSet<>(seenConditions(sightings, statuses)))));
    assertThat(adapter).as("bytes of the adapter").isEqualTo(unbroken);
    assertThat(completed.getStatus().progress().step()).isEqualTo(STEPS);
    assertThat(statuses).contains(fault.fault().status());
    switch (lost) {
      case NO_ATTEMPT -> assertThat(attempts).as("attempts").isOne();
      case NOTHING -> {
        assertThat(attempts).as("attempts").isEqualTo(2);
        assertThat(redone).as("steps done again").isZero();
        assertThat(Objects.requireNonNullElse(completed.getStatus().run().failures(), 0))
            .as("failures")
            .isZero();
      }
      case SINCE_CHECKPOINT -> {
        assertThat(attempts).as("attempts").isEqualTo(2);
        // What was being uploaded when the fault struck does not count yet.
        assertThat(redone).as("steps done again").isLessThan(2 * CHECKPOINT_EVERY);
      }
      case A_CHECKPOINT -> {
        assertThat(FineTune.condition(completed, "Resumed").getReason())
            .isEqualTo("FromOlderCheckpoint");
        run.awaitEvent("CheckpointPassedOver");
      }
    }
    if (again != null) {
      assertThat(again).as("from the Pod's node to training").isLessThan(TRAINING_AGAIN);
    }
  }

  /** The STATUS column's values, and what the reporter's conditions said beside them. */
  private static List<String> seenConditions(Sightings sightings, List<String> statuses) {
    List<String> seen = new ArrayList<>(statuses);
    for (LoraFineTune object : sightings.all()) {
      for (String type : List.of("Checkpointed", "Resumed")) {
        Condition condition = FineTune.condition(object, type);
        if (!condition.getReason().isEmpty() && !condition.getReason().equals("NoCheckpointYet")) {
          seen.add(type + "/" + condition.getReason());
        }
      }
    }
    return seen;
  }

  /** From the time the last attempt's Pod got its node to its first report of a new step. */
  private static Duration untilTraining(
      FineTune run, Sightings sightings, int attempt, int wentOn) {
    Pod pod =
        run.pods().stream()
            .filter(one ->
                String.valueOf(attempt)
                    .equals(one.getMetadata().getLabels().get("finetune.loraoperator.io/attempt")))
            .findFirst()
            .orElseThrow();
    Instant bound =
        pod.getStatus().getConditions().stream()
            .filter(condition -> condition.getType().equals("PodScheduled"))
            .map(PodCondition::getLastTransitionTime)
            .map(Instant::parse)
            .findFirst()
            .orElseThrow();
    Instant training =
        sightings.all().stream()
            .map(FineTune::progress)
            .filter(Objects::nonNull)
            .filter(progress ->
                Objects.equals(progress.attempt(), attempt)
                    && progress.step() != null
                    && progress.step() > wentOn)
            .map(ProgressStatus::lastUpdateTime)
            .map(Instant::parse)
            .findFirst()
            .orElseThrow();
    return Duration.between(bound, training);
  }

  private static Manifest manifest(Scenario scenario) {
    return scenario
        .tiny()
        .with("spec.training.maxSteps", STEPS)
        .with("spec.training.batchSize", 8)
        .with("spec.lora.dropout", "0.1")
        .with("spec.training.shuffle", true)
        .with("spec.training.logEverySteps", 1)
        .with("spec.backoffLimit", 3)
        .with("spec.checkpoint.keepLast", 3)
        .with("spec.checkpoint.everySteps", CHECKPOINT_EVERY);
  }
}
