package io.loraoperator.reporter;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.contract.ProgressSnapshot.Phase;
import io.loraoperator.contract.ProgressSnapshot.Resumption;
import io.loraoperator.reporter.Condition.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConditionProjectorTest {
  private static final Duration STALE_AFTER = Duration.ofMinutes(10);

  private final TestClock clock = new TestClock();
  private final ConditionProjector projector = new ConditionProjector(clock, STALE_AFTER);
  private Map<ConditionType, Condition> conditions = Map.of();

  @Test
  void beforeTheFirstReportNothingIsKnown() {
    project(new Observation.Absent());

    expect(ConditionType.ProgressReporting, Status.Unknown, "Waiting");
    expect(ConditionType.Checkpointed, Status.False, "NoCheckpointYet");
  }

  @Test
  void keepsTheTransitionTimeWhileTheStatusStays() {
    Instant start = clock.instant();
    project(new Observation.Snapshot(Snapshots.training(1), start));
    clock.advance(Duration.ofMinutes(3));
    project(new Observation.Snapshot(Snapshots.of(2, Phase.Evaluating, 2, null), clock.instant()));

    expect(ConditionType.ProgressReporting, Status.True, "Fresh");
    assertThat(condition(ConditionType.ProgressReporting).message()).contains("Evaluating");
    assertThat(condition(ConditionType.ProgressReporting).lastTransitionTime())
        .isEqualTo("2026-11-22T12:00:00Z");
  }

  @Test
  void turnsStaleAndFreshAgain() {
    Observation snapshot = new Observation.Snapshot(Snapshots.training(1), clock.instant());
    project(snapshot);
    clock.advance(STALE_AFTER.minusSeconds(1));
    project(snapshot);
    expect(ConditionType.ProgressReporting, Status.True, "Fresh");

    clock.advance(Duration.ofSeconds(1));
    project(snapshot);
    expect(ConditionType.ProgressReporting, Status.False, "Stale");
    assertThat(condition(ConditionType.ProgressReporting).message())
        .contains("2026-11-22T11:59:00Z")
        .contains("trainer's log");
    assertThat(condition(ConditionType.ProgressReporting).lastTransitionTime())
        .isEqualTo("2026-11-22T12:10:00Z");

    project(new Observation.Snapshot(Snapshots.training(2), clock.instant()));
    expect(ConditionType.ProgressReporting, Status.True, "Fresh");
  }

  @Test
  void aFinishedRunNeverTurnsStale() {
    Observation finished =
        new Observation.Snapshot(Snapshots.of(2, Phase.Finished, 600, null), clock.instant());
    clock.advance(STALE_AFTER.multipliedBy(5));
    project(finished);

    expect(ConditionType.ProgressReporting, Status.True, "Finished");
  }

  @Test
  void saysWhyAFileIsNotRead() {
    project(new Observation.Unreadable("progress.json cannot be read: no JSON"));

    expect(ConditionType.ProgressReporting, Status.False, "Unreadable");
    assertThat(condition(ConditionType.ProgressReporting).message()).contains("no JSON");
  }

  @Test
  void aCheckpointIsNamedAndOutlivesATroubledFile() {
    project(
        new Observation.Snapshot(Snapshots.training(120, Snapshots.CHECKPOINT), clock.instant()));
    expect(ConditionType.Checkpointed, Status.True, "Uploaded");
    assertThat(condition(ConditionType.Checkpointed).message())
        .isEqualTo("step 100: s3://a/checkpoints/step-000100/");

    project(new Observation.Unreadable("torn"));
    expect(ConditionType.Checkpointed, Status.True, "Uploaded");
  }

  @Test
  void aCheckpointThatCannotBeStoredIsToldUntilOneIs() {
    project(
        new Observation.Snapshot(Snapshots.training(120, Snapshots.CHECKPOINT), clock.instant()));
    project(
        new Observation.Snapshot(
            Snapshots.troubled(220, "step 200 could not be stored: 503", null), clock.instant()));

    expect(ConditionType.Checkpointed, Status.False, "UploadFailing");
    assertThat(condition(ConditionType.Checkpointed).message())
        .isEqualTo(
            "step 200 could not be stored: 503; the newest that is stored is of step 100:"
                + " s3://a/checkpoints/step-000100/");

    project(
        new Observation.Snapshot(Snapshots.training(221, Snapshots.CHECKPOINT), clock.instant()));
    expect(ConditionType.Checkpointed, Status.True, "Uploaded");
  }

  @Test
  void aResumptionIsToldWithWhatItPassedOver() {
    project(new Observation.Snapshot(Snapshots.training(1), clock.instant()));
    assertThat(conditions).doesNotContainKey(ConditionType.Resumed);

    project(resumed(new Resumption(100, "s3://a/step-000100/", List.of())));
    expect(ConditionType.Resumed, Status.True, "FromCheckpoint");
    assertThat(condition(ConditionType.Resumed).message())
        .isEqualTo("attempt 1 went on after step 100, from s3://a/step-000100/");

    project(resumed(new Resumption(100, "s3://a/step-000100/", List.of("step-000150 is torn"))));
    expect(ConditionType.Resumed, Status.True, "FromOlderCheckpoint");
    assertThat(condition(ConditionType.Resumed).message()).endsWith("; step-000150 is torn");

    project(resumed(new Resumption(0, null, List.of("step-000150 is torn"))));
    expect(ConditionType.Resumed, Status.False, "FromBeginning");

    project(new Observation.Unreadable("torn"));
    expect(ConditionType.Resumed, Status.False, "FromBeginning");
    project(new Observation.Absent());
    assertThat(conditions).doesNotContainKey(ConditionType.Resumed);
  }

  private Observation resumed(Resumption resumption) {
    return new Observation.Snapshot(Snapshots.troubled(120, null, resumption), clock.instant());
  }

  private void project(Observation observation) {
    conditions = projector.project(observation, conditions);
  }

  private Condition condition(ConditionType type) {
    return requireNonNull(conditions.get(type));
  }

  private void expect(ConditionType type, Status status, String reason) {
    assertThat(condition(type).status()).isEqualTo(status);
    assertThat(condition(type).reason()).isEqualTo(reason);
  }
}
