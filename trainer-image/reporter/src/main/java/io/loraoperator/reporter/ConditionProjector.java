package io.loraoperator.reporter;

import io.loraoperator.contract.ProgressSnapshot;
import io.loraoperator.contract.ProgressSnapshot.Phase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the reporter's conditions say of an observation; pure but for the clock. */
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
    Map<ConditionType, Condition> conditions = new EnumMap<>(ConditionType.class);
    conditions.put(ConditionType.ProgressReporting, progressReporting(observation, previous));
    conditions.put(ConditionType.Checkpointed, checkpointed(observation, previous));
    Condition resumed = resumed(observation, previous);
    if (resumed != null) {
      conditions.put(ConditionType.Resumed, resumed);
    }
    return conditions;
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
      String problem = snapshot.progress().checkpointProblem();
      if (problem != null) {
        return next(
            previous,
            ConditionType.Checkpointed,
            Condition.Status.False,
            "UploadFailing",
            checkpoint == null
                ? problem
                : "%s; the newest that is stored is of step %d: %s"
                    .formatted(problem, checkpoint.step(), checkpoint.uri()));
      }
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

  /** Of this attempt alone: what an earlier one went on from is no longer of interest. */
  private @Nullable Condition resumed(
      Observation observation, Map<ConditionType, Condition> previous) {
    return switch (observation) {
      case Observation.Absent _ -> null;
      case Observation.Unreadable _ -> previous.get(ConditionType.Resumed);
      case Observation.Snapshot snapshot -> {
        ProgressSnapshot.Resumption resumption = snapshot.progress().resumption();
        yield resumption == null
            ? null
            : resumed(snapshot.progress().attempt(), resumption, previous);
      }
    };
  }

  private Condition resumed(
      int attempt, ProgressSnapshot.Resumption resumption, Map<ConditionType, Condition> previous) {
    boolean found = resumption.uri() != null;
    boolean newest = resumption.passedOver().isEmpty();
    String message =
        found
            ? "attempt %d went on after step %d, from %s"
                .formatted(attempt, resumption.step(), resumption.uri())
            : "attempt %d began at the beginning: there is no checkpoint that can be used"
                .formatted(attempt);
    return next(
        previous,
        ConditionType.Resumed,
        found ? Condition.Status.True : Condition.Status.False,
        found ? (newest ? "FromCheckpoint" : "FromOlderCheckpoint") : "FromBeginning",
        newest ? message : message + "; " + String.join("; ", resumption.passedOver()));
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
