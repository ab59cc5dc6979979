package io.loraoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.api.status.OutputStatus;
import io.loraoperator.api.status.RunStatus;
import io.loraoperator.operator.Simulation;
import io.loraoperator.operator.check.Finding;
import io.loraoperator.operator.desired.RunPlan.JobIntent;
import io.loraoperator.operator.status.ConditionType;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which run and which attempt there are after what happened. */
class RunPlannerTest {

  private static final String COMPLETED =
      """
      {"schemaVersion":1,"reason":"Completed","message":"adapter written",\
      "output":{"adapterUri":"s3://adapters/a/","adapterSha256":"ad","reportUri":"s3://adapters/r",\
      "mergedModelUri":"s3://adapters/m/","hubUri":"https://hub/me/a/tree/1"},"baseModelSha256":"ba",\
      "effective":{"targetModules":["q_proj"],"totalSteps":60},\
      "dataset":{"rows":10,"usedRows":9,"truncatedRows":1,"droppedRows":1,"trainedTokens":5,\
      "maskedTokens":6,"sha256":"da"}}\
      """;

  private static final String UNAVAILABLE =
      "{\"schemaVersion\":1,\"reason\":\"StorageUnavailable\",\"message\":\"connection refused\"}";

  @Test
  void aNewObjectGetsItsFirstAttempt() {
    Simulation world = new Simulation("");

    assertThat(world.settle()).isEqualTo("Unknown Starting");
    assertThat(world.jobNames()).containsExactly("helper-1-1");
    assertThat(world.status().run().startTime()).isEqualTo("2026-01-01T00:00:00Z");
  }

  @Test
  void aResultIsRecordedAndNothingRunsAgain() {
    Simulation world = running("");
    world.pass(100);
    world.ends(0, "Completed", COMPLETED);

    assertThat(world.settle()).isEqualTo("True Completed");
    assertThat(world.status().run().trainerStartTime()).as("its time is in the totals").isNull();
    assertThat(world.status().output())
        .isEqualTo(
            new OutputStatus(
                "s3://adapters/a/",
                "ad",
                "s3://adapters/r",
                "s3://adapters/m/",
                "https://hub/me/a/tree/1"));
    assertThat(world.status().effective().totalSteps()).isEqualTo(60);
    assertThat(world.status().dataset().droppedRows()).isEqualTo(1);
    assertThat(world.status().provenance().baseModelSha256()).isEqualTo("ba");
    assertThat(world.status().provenance().trainerImage()).endsWith("@sha256:feed");
    assertThat(world.status().gpuSeconds()).isEqualTo(100);

    world.jobsGone();
    world.podsGone();
    assertThat(world.settle()).isEqualTo("True Completed");
    assertThat(world.jobNames()).isEmpty();
    assertThat(world.status().output().adapterUri()).isEqualTo("s3://adapters/a/");
    world.edit("restart: again");
    assertThat(world.settle()).isEqualTo("True Completed");
    assertThat(world.jobNames()).isEmpty();
  }

  @Test
  void anEditOfTheNumbersBeginsANewRunOnceTheOldPodIsGone() {
    Simulation world = running("");
    world.edit("training: {epochs: '1', learningRate: '1e-4'}");

    assertThat(world.settle()).isEqualTo("Unknown Pending");
    assertThat(world.message()).contains("still writing its checkpoint");
    assertThat(world.jobNames()).isEmpty();
    world.podsGone();
    assertThat(world.settle()).isEqualTo("Unknown Starting");
    assertThat(world.jobNames()).containsExactly("helper-2-1");
    assertThat(world.status().history())
        .singleElement()
        .satisfies(old -> {
          assertThat(old.number()).isEqualTo(1);
          assertThat(old.result()).isEqualTo("Superseded");
        });
  }

  @Test
  void aFinishedRunGoesIntoTheHistoryWithItsResult() {
    Simulation world = running("");
    world.ends(0, "Completed", COMPLETED);
    world.settle();
    world.edit("lora: {rank: 4}");
    world.settle();

    assertThat(world.status().history())
        .singleElement()
        .satisfies(old -> {
          assertThat(old.result()).isEqualTo("Completed");
          assertThat(old.adapterUri()).isEqualTo("s3://adapters/a/");
        });
    assertThat(world.status().output()).isNull();
    assertThat(world.status().gpuSeconds()).isZero();
  }

  @Test
  void theHistoryKeepsTheNewestTen() {
    Simulation world = new Simulation("");
    for (int rank = 1; rank <= 13; rank++) {
      world.edit("lora: {rank: %d}".formatted(rank));
      world.settle();
    }

    assertThat(world.status().history()).hasSize(10);
    assertThat(world.status().history().getFirst().number()).isEqualTo(12);
  }

  @Test
  void spellingADefaultOutBeginsNothing() {
    Simulation world = running("");
    world.edit("lora: {rank: 16}\nresources: {gpus: 1}");

    assertThat(world.settle()).isEqualTo("Unknown Running");
    assertThat(world.jobNames()).containsExactly("helper-1-1");
  }

  @Test
  void moreMemoryContinuesTheRunThatRanOutOfIt() {
    Simulation world = running("resources: {memory: 1Gi}");
    world.ends(137, "OOMKilled", "");

    assertThat(world.settle()).isEqualTo("False OutOfMemory");
    assertThat(world.message()).contains("limit of 1Gi").contains("spec.resources.memory");
    world.edit("resources: {memory: 2Gi}");
    assertThat(world.settle()).isEqualTo("Unknown Resuming");
    assertThat(world.jobNames()).containsExactly("helper-1-2");
    assertThat(world.status().run().restarts()).isEqualTo(1);
  }

  @Test
  void anInterruptionIsNoFailure() {
    Simulation world = running("backoffLimit: 0");
    for (int attempt = 2; attempt <= 6; attempt++) {
      world.pass(20);
      world.ends(30, "Error", "{\"schemaVersion\":1,\"message\":\"stopped at step 7\"}");
      assertThat(world.settle()).isEqualTo("Unknown Resuming");
      assertThat(world.jobNames()).containsExactly("helper-1-" + attempt);
      world.podsGone();
      world.trains();
      world.settle();
    }
    assertThat(world.status().run().resumes()).isEqualTo(5);
    assertThat(world.status().run().restarts()).isZero();
    assertThat(world.status().run().activeSeconds()).isEqualTo(100);
  }

  @Test
  void aDeletedJobIsAnInterruption() {
    Simulation world = running("");
    world.jobsGone();
    world.podsGone();

    assertThat(world.settle()).isEqualTo("Unknown Resuming");
    assertThat(world.jobNames()).containsExactly("helper-1-2");
  }

  @Test
  void failuresOfTheSurroundingsAreRetriedAfterAWhileAndThenNoMore() {
    Simulation world = running("backoffLimit: 2");
    world.ends(17, "Error", UNAVAILABLE);

    assertThat(world.settle()).isEqualTo("Unknown Resuming");
    assertThat(world.message()).startsWith("Retry 1 of 2 follows StorageUnavailable");
    assertThat(world.reconcile().recheckAfter()).isEqualTo(Duration.ofSeconds(10));
    world.pass(10);
    world.settle();
    assertThat(world.jobNames()).containsExactly("helper-1-2");
    world.ends(17, "Error", UNAVAILABLE);
    world.settle();
    assertThat(world.reconcile().recheckAfter()).isEqualTo(Duration.ofSeconds(20));
    world.pass(20);
    world.settle();
    world.ends(17, "Error", UNAVAILABLE);
    assertThat(world.settle()).isEqualTo("False BackoffLimitExceeded");
    assertThat(world.message()).contains("StorageUnavailable").contains("connection refused");
    assertThat(world.status().run())
        .extracting(RunStatus::attempt, RunStatus::failures, RunStatus::restarts)
        .containsExactly(3, 2, 2);
  }

  @Test
  void withoutRetriesTheFailureItselfIsTheOutcome() {
    Simulation world = running("backoffLimit: 0");
    world.ends(17, "Error", UNAVAILABLE);

    assertThat(world.settle()).isEqualTo("False StorageUnavailable");
  }

  @Test
  void aNewValueOfRestartRetriesAFailedRunOnce() {
    Simulation world = running("");
    world.ends(
        16, "Error", "{\"schemaVersion\":1,\"reason\":\"StorageAccessDenied\",\"message\":\"no\"}");
    assertThat(world.settle()).isEqualTo("False StorageAccessDenied");
    world.edit("restart: 'once'");
    assertThat(world.settle()).isEqualTo("Unknown Resuming");
    assertThat(world.jobNames()).containsExactly("helper-1-2");
    world.ends(
        16, "Error", "{\"schemaVersion\":1,\"reason\":\"StorageAccessDenied\",\"message\":\"no\"}");
    assertThat(world.settle()).isEqualTo("False StorageAccessDenied");
    assertThat(world.status().run().attempt()).isEqualTo(2);
  }

  @Test
  void aRestartAskedForWhileTheRunGoesOnDoesNotRetryALaterFailure() {
    Simulation world = running("");
    world.edit("restart: early");
    world.settle();
    world.ends(
        14, "Error", "{\"schemaVersion\":1,\"reason\":\"DatasetInvalid\",\"message\":\"row 3\"}");

    assertThat(world.settle()).isEqualTo("False DatasetInvalid");
    assertThat(world.condition(ConditionType.DataReady).getStatus()).isEqualTo("False");
  }

  @ParameterizedTest
  @CsvSource({
    "spec.template.spec.volumes[6]: Required value: must specify a volume type, this cluster has no image volumes",
    "exceeded quota, Kubernetes refuses what the run needs: exceeded quota"
  })
  void whatTheApiServerRefusesIsTold(String words, String message) {
    RunPlan plan = new Simulation("").reconcile().refused(words);

    assertThat(plan.finding())
        .isInstanceOfSatisfying(
            Finding.Waiting.class, waiting -> assertThat(waiting.message()).contains(message));
  }

  @Test
  void suspensionStopsTheJobAndTheRunGoesOnLater() {
    Simulation world = running("");
    world.pass(50);
    world.edit("suspend: true");

    assertThat(world.settle()).isEqualTo("Unknown Suspended");
    assertThat(world.jobNames()).isEmpty();
    world.podsGone();
    world.settle();
    world.pass(1000);
    world.edit("suspend: false");
    assertThat(world.settle()).isEqualTo("Unknown Resuming");
    assertThat(world.jobNames()).containsExactly("helper-1-2");
    assertThat(world.status().run().activeSeconds()).as("suspended time").isEqualTo(50);
    assertThat(world.status().run().resumes()).isEqualTo(1);
  }

  @Test
  void aRunThatBeginsSuspendedHasNoJobAndLaterItsFirstAttempt() {
    Simulation world = new Simulation("suspend: true");

    assertThat(world.settle()).isEqualTo("Unknown Suspended");
    assertThat(world.jobNames()).isEmpty();
    assertThat(world.condition(ConditionType.Ready).getStatus()).isEqualTo("True");
    world.edit("");
    assertThat(world.settle()).isEqualTo("Unknown Starting");
    assertThat(world.jobNames()).containsExactly("helper-1-1");
  }

  @Test
  void theDeadlineIsMeasuredOverAttempts() {
    Simulation world = running("activeDeadlineSeconds: 60");
    assertThat(world.reconcile().recheckAfter()).isEqualTo(Duration.ofSeconds(60));
    world.pass(40);
    world.ends(30, "Error", "");
    world.settle();
    world.podsGone();
    world.pass(1000);
    world.trains();
    world.settle();
    assertThat(world.reconcile().recheckAfter()).isEqualTo(Duration.ofSeconds(20));
    world.pass(20);

    assertThat(world.settle()).isEqualTo("False DeadlineExceeded");
    assertThat(world.jobNames()).isEmpty();
    assertThat(world.message()).contains("has run for 60 s");
  }

  @Test
  void theJobGoesAfterItsTimeAndTheResultStays() {
    Simulation world = running("ttlSecondsAfterFinished: 30");
    world.ends(0, "Completed", COMPLETED);
    world.settle();
    assertThat(world.jobNames()).hasSize(1);
    assertThat(world.reconcile().recheckAfter()).isEqualTo(Duration.ofSeconds(30));
    world.pass(30);

    assertThat(world.settle()).isEqualTo("True Completed");
    assertThat(world.jobNames()).isEmpty();
    assertThat(world.reconcile().job()).isEqualTo(JobIntent.REMOVE);
    assertThat(world.status().output().adapterUri()).isNotNull();
  }

  @Test
  void aRefusedSpecificationStartsNothing() {
    Simulation world = new Simulation("preflight: {enabled: true}");

    assertThat(world.settle()).isEqualTo("False InvalidSpec");
    assertThat(world.message())
        .isEqualTo(
            "not supported yet: spec.preflight.enabled."
                + " Leave it out: data are audited before the first step.");
    assertThat(world.status().run()).isNull();
    world.edit("");
    assertThat(world.settle()).isEqualTo("Unknown Starting");
  }

  @Test
  void anEditThatIsRefusedLeavesTheRunAloneAndItsEndIsStillRecorded() {
    Simulation world = running("");
    world.edit("preflight: {enabled: true}");
    assertThat(world.settle()).isEqualTo("Unknown Running");
    assertThat(world.condition(ConditionType.Accepted).getStatus()).isEqualTo("False");
    assertThat(world.condition(ConditionType.Stalled).getStatus()).isEqualTo("True");
    world.ends(0, "Completed", COMPLETED);
    world.settle();
    assertThat(world.status().run().result()).isEqualTo("Completed");
    world.podsGone();
    world.jobsGone();
    world.edit("");

    assertThat(world.settle()).isEqualTo("True Completed");
    assertThat(world.jobNames()).isEmpty();
  }

  @Test
  void threadsStayThoseOfTheFirstAttempt() {
    Simulation world = running("resources: {cpu: '3'}");
    world.edit("resources: {cpu: '8'}");
    world.settle();

    assertThat(world.status().run())
        .extracting(RunStatus::number, RunStatus::attempt, RunStatus::threads)
        .containsExactly(1, 2, 3);
  }

  private static Simulation running(String more) {
    Simulation world = new Simulation(more);
    world.settle();
    world.trains();
    assertThat(world.settle()).isEqualTo("Unknown Running");
    return world;
  }
}
