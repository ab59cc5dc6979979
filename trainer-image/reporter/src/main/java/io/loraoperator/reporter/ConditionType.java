package io.loraoperator.reporter;

/** The condition types that the reporter owns; all others are the operator's. */
enum ConditionType {
  ProgressReporting,
  Checkpointed,
  /** Only in attempts that went on from a checkpoint, or should have. */
  Resumed
}
