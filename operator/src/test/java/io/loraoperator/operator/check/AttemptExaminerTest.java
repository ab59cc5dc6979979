package io.loraoperator.operator.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.contract.ExitCode;
import io.loraoperator.operator.Simulation;
import io.loraoperator.operator.status.ConditionType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a user reads, by what the cluster says. Words of components are those of Kubernetes 1.35.
 */
class AttemptExaminerTest {

  private static final String WAITING =
      """
      phase: Pending
      startTime: '2026-01-01T00:00:00Z'
      conditions: [{type: PodScheduled, status: 'True'}]
      initContainerStatuses: [{name: reporter, state: {%s}}]
      containerStatuses: [{name: trainer, state: {waiting: {reason: PodInitializing}}}]
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Queued        | 1 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
        "Queued        | 1 Insufficient cpu, 2 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
        "Queued        | 1 Insufficient nvidia.com/gpu.",
        "Unschedulable | 1 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
        "Unschedulable | 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
        "Unschedulable | 1 Insufficient nvidia.com/gpu, 2 node(s) had untolerated taint(s). preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
        "Unschedulable | persistentvolumeclaim \"models\" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
      })
  void theSchedulersWordsTellWaitingFromNeverFitting(String reason, String words) {
    Simulation world = started();
    String message = "0/3 nodes are available: " + words;
    world.pod(
        """
        phase: Pending
        conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: "%s"}]
        """
            .formatted(message.replace("\"", "\\\"")));

    assertThat(world.settle()).isEqualTo("Unknown " + reason);
    assertThat(world.message()).contains(words);
    assertThat(world.condition(ConditionType.Admitted).getReason()).isEqualTo(reason);
  }

  @Test
  void aQuotaIsNamedWithItsNewestFigures() {
    Simulation world = started();
    world.warns(
        "FailedCreate",
        "Error creating: pods \"helper-1-1-x\" is forbidden: exceeded quota: gpus, requested:"
            + " requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=3, limited:"
            + " requests.nvidia.com/gpu=3");
    assertThat(world.settle()).isEqualTo("Unknown GpuQuotaExceeded");
    assertThat(world.message())
        .startsWith("waiting: quota \"gpus\" allows 3 nvidia.com/gpu, 3 used, 1 asked for.");
    world.quota(
        """
        metadata: {name: gpus}
        status:
          hard: {requests.nvidia.com/gpu: '4'}
          used: {requests.nvidia.com/gpu: '4'}
        """);
    world.settle();
    assertThat(world.message()).contains("allows 4 nvidia.com/gpu, 4 used");
    assertThat(world.condition(ConditionType.Admitted).getStatus()).isEqualTo("False");
    world.trains();
    assertThat(world.settle()).isEqualTo("Unknown Running");
    assertThat(world.condition(ConditionType.Admitted).getStatus()).isEqualTo("True");
  }

  @Test
  void aQuotaOnSomethingElseIsAQueueToo() {
    Simulation world = started();
    world.warns(
        "FailedCreate",
        "Error creating: pods \"x\" is forbidden: exceeded quota: small, requested:"
            + " limits.cpu=4,limits.memory=8Gi, used: limits.cpu=2,limits.memory=1Gi, limited:"
            + " limits.cpu=4,limits.memory=8Gi");

    assertThat(world.settle()).isEqualTo("Unknown Queued");
    assertThat(world.message())
        .contains("allows 4 limits.cpu, 2 used, 4 asked for")
        .contains("allows 8Gi limits.memory, 1Gi used, 8Gi asked for");
  }

  @Test
  void aPodThatIsRefusedIsSaidToBe() {
    Simulation world = started();
    world.warns("FailedCreate", "Error creating: pods \"x\" is forbidden: violates PodSecurity");

    assertThat(world.settle()).isEqualTo("Unknown Pending");
    assertThat(world.message()).contains("violates PodSecurity");
  }

  @Test
  void anImageHasItsTimeToCome() {
    Simulation world = started();
    world.pod(
        WAITING.formatted(
            "waiting: {reason: ImagePullBackOff, message: 'Back-off pulling image x'}"));
    assertThat(world.settle()).isEqualTo("Unknown Starting");
    assertThat(world.message()).contains("Back-off pulling image x");
    world.pass(120);
    assertThat(world.settle()).isEqualTo("False ImagePullFailed");
    assertThat(world.jobNames()).as("the Pod would go on pulling").isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"ErrImageNeverPull", "InvalidImageName"})
  void anImageThatCannotComeFailsAtOnce(String reason) {
    Simulation world = started();
    world.pod(WAITING.formatted("waiting: {reason: %s, message: no}".formatted(reason)));

    assertThat(world.settle()).isEqualTo("False ImagePullFailed");
  }

  @Test
  void aMissingSecretIsNamed() {
    Simulation world = started();
    world.pod(WAITING.formatted("waiting: {reason: PodInitializing}"));
    world.warns(
        "FailedMount",
        "MountVolume.SetUp failed for volume \"output-keys\" : secret \"keys\" not found");
    assertThat(world.settle()).isEqualTo("Unknown Starting");
    assertThat(world.message()).contains("secret \"keys\" not found").contains("by itself");
    world.trains();
    assertThat(world.settle()).as("the event outlives its cause").isEqualTo("Unknown Running");
  }

  @Test
  void aContainerThatCannotBeMadeIsNamed() {
    Simulation world = started();
    world.pod(
        WAITING.formatted("waiting: {reason: CreateContainerConfigError, message: 'no key'}"));

    assertThat(world.settle()).isEqualTo("Unknown Starting");
    assertThat(world.message()).contains("CreateContainerConfigError: no key");
  }

  @ParameterizedTest
  @EnumSource(ExitCode.class)
  void everyExitCodeAloneHasItsOutcome(ExitCode code) {
    Simulation world = started("backoffLimit: 0");
    world.ends(code.code(), code == ExitCode.SUCCESS ? "Completed" : "Error", "");

    String expected =
        switch (code) {
          case SUCCESS -> "True Completed";
          case INTERRUPTED -> "Unknown Resuming";
          default -> "False " + code.reason().map(Enum::name).orElse("InternalError");
        };
    assertThat(world.settle()).isEqualTo(expected);
  }

  @Test
  void theResultDocumentGoesBeforeTheExitCode() {
    Simulation world = started();
    world.ends(
        1,
        "Error",
        "{\"schemaVersion\":1,\"reason\":\"DatasetInvalid\",\"message\":\"row 3 is not JSON\","
            + "\"remedy\":\"Correct row 3.\"}");

    assertThat(world.settle()).isEqualTo("False DatasetInvalid");
    assertThat(world.message()).isEqualTo("row 3 is not JSON. Correct row 3.");
  }

  @Test
  void aProcessThatIsKilledIsRetriedAndSaidToBeKilled() {
    Simulation world = started("backoffLimit: 0");
    world.ends(137, "Error", "");

    assertThat(world.settle()).isEqualTo("False InternalError");
    assertThat(world.message()).contains("killed by signal 9");
  }

  @Test
  void anEvictionIsAnInterruption() {
    Simulation world = started("backoffLimit: 0");
    world.pod(
        """
        phase: Failed
        reason: Evicted
        conditions:
        - {type: DisruptionTarget, status: 'True', reason: TerminationByKubelet, message: node was low on memory}
        containerStatuses: [{name: trainer, state: {terminated: {exitCode: 137, reason: Error}}}]
        """);

    assertThat(world.settle()).isEqualTo("Unknown Resuming");
    assertThat(world.status().run().resumes()).isEqualTo(1);
  }

  @Test
  void aPodThatUsedTooMuchDiskIsNoInterruption() {
    Simulation world = started("backoffLimit: 0");
    world.pod(
        """
        phase: Failed
        reason: Evicted
        message: Usage of EmptyDir volume "work" exceeds the limit "1Gi".
        """);

    assertThat(world.settle()).isEqualTo("False InternalError");
    assertThat(world.message()).contains("Evicted: Usage of EmptyDir volume");
  }

  @Test
  void aPodThatFailedAsAWholeIsRetried() {
    Simulation world = started("backoffLimit: 1");
    world.pod(
        """
        phase: Failed
        reason: UnexpectedAdmissionError
        message: no device is left
        """);
    assertThat(world.settle()).isEqualTo("Unknown Resuming");
    world.pass(10);
    world.settle();

    assertThat(world.jobNames()).containsExactly("helper-1-2");
  }

  @Test
  void aQueueHoldsTheJobBack() {
    Simulation world = started("scheduling: {queueName: team-a}");
    world.suspendJob(true);
    assertThat(world.settle()).isEqualTo("Unknown Queued");
    assertThat(world.condition(ConditionType.Admitted).getStatus()).isEqualTo("False");
    world.suspendJob(false);
    assertThat(world.settle()).isEqualTo("Unknown Starting");
  }

  @Test
  void theReporterHasTheLastWordBeforeTheOutcome() {
    Simulation world = started();
    world.pod(
        """
        phase: Running
        conditions: [{type: PodScheduled, status: 'True'}]
        initContainerStatuses: [{name: reporter, state: {running: {startedAt: 'NOW'}}}]
        containerStatuses:
        - {name: trainer, state: {terminated: {exitCode: 0, startedAt: 'NOW', finishedAt: 'NOW'}}}
        """);

    assertThat(world.settle()).isEqualTo("Unknown Running");
  }

  private static Simulation started() {
    return started("");
  }

  private static Simulation started(String more) {
    Simulation world = new Simulation(more);
    assertThat(world.settle()).isEqualTo("Unknown Starting");
    return world;
  }
}
