package io.loraoperator.reporter;

import io.loraoperator.contract.ProgressSnapshot;
import io.loraoperator.contract.ProgressSnapshot.Phase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** What the reporter's two conditions say of an observation; pure but for the clock. */
final class ConditionProjector {
  private final Clock clock;
  private final Duration staleAfter;

  ConditionProjector(Clock clock, Duration staleAfter) {
    this.clock = clock;
    this.staleAfter = staleAfter;
  }

  /** The conditions now, given those of before. */
  Map<ConditionType, Condition> project(
      Observation observation, Map<ConditionType, Condition> previous) {
    return Map.of(
        ConditionType.ProgressReporting, progressReporting(observation, previous),
        ConditionType.Checkpointed, checkpointed(observation, previous));
  }

  private Condition progressReporting(
      Observation observation, Map<ConditionType, Condition> previous) {
    return switch (observation) {
      case Observation.Absent _ ->
          next(
              previous,
              ConditionType.ProgressReporting,
              Condition.Status.Unknown,
              "Waiting",
              "the trainer has not reported yet");
      case Observation.Unreadable unreadable ->
          next(
              previous,
              ConditionType.ProgressReporting,
              Condition.Status.False,
              "Unreadable",
              unreadable.problem());
      case Observation.Snapshot snapshot -> freshness(snapshot, previous);
    };
  }

  private Condition freshness(
      Observation.Snapshot snapshot, Map<ConditionType, Condition> previous) {
    Phase phase = snapshot.progress().phase();
    if (phase == Phase.Finished) {
      return next(
          previous,
          ConditionType.ProgressReporting,
          Condition.Status.True,
          "Finished",
          "the trainer has finished");
    }
    Instant now = clock.instant();
    if (snapshot.changed().plus(staleAfter).isAfter(now)) {
      return next(
          previous,
          ConditionType.ProgressReporting,
          Condition.Status.True,
          "Fresh",
          "the trainer reports: " + phase);
    }
    return next(
        previous,
        ConditionType.ProgressReporting,
        Condition.Status.False,
        "Stale",
        "no progress since %s (%s); look at the trainer's log"
            .formatted(snapshot.progress().time(), phase));
  }

  private Condition checkpointed(Observation observation, Map<ConditionType, Condition> previous) {
    if (observation instanceof Observation.Snapshot snapshot) {
      ProgressSnapshot.Checkpoint checkpoint = snapshot.progress().checkpoint();
      if (checkpoint != null) {
        return next(
            previous,
            ConditionType.Checkpointed,
            Condition.Status.True,
            "Uploaded",
            "step %d: %s".formatted(checkpoint.step(), checkpoint.uri()));
      }
    }
    Condition before = previous.get(ConditionType.Checkpointed);
    if (before != null && before.status() == Condition.Status.True) {
      // A file that cannot be read for a while does not undo a checkpoint.
      return before;
    }
    return next(
        previous,
        ConditionType.Checkpointed,
        Condition.Status.False,
        "NoCheckpointYet",
        "no checkpoint has been uploaded yet");
  }

  private Condition next(
      Map<ConditionType, Condition> previous,
      ConditionType type,
      Condition.Status status,
      String reason,
      String message) {
    return Condition.next(previous.get(type), type, status, reason, message, clock.instant());
  }
}
