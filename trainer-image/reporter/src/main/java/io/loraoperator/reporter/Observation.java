package io.loraoperator.reporter;

import io.loraoperator.contract.ProgressSnapshot;
import java.time.Instant;

/** What the progress file says at the moment. */
sealed interface Observation {

  /** There is no file yet. */
  record Absent() implements Observation {}

  /**
   * The file is there, but is not a snapshot of this run and attempt.
   *
   * @param problem in words for a person
   */
  record Unreadable(String problem) implements Observation {}

  /**
   * A snapshot.
   *
   * @param changed when the reporter saw it for the first time, by the reporter's clock
   */
  record Snapshot(ProgressSnapshot progress, Instant changed) implements Observation {}
}
