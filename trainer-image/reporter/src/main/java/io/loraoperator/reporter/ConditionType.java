package io.loraoperator.reporter;

/** The condition types that the reporter owns; all others are the operator's. */
enum ConditionType {
  ProgressReporting,
  Checkpointed
}
