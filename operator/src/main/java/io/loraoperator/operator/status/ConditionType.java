package io.loraoperator.operator.status;

/** The conditions that the operator owns. */
public enum ConditionType {
  /** Whether the specification can be carried out. */
  Accepted,
  /** Whether the data have been read and found usable. */
  DataReady,
  /** Whether quota and scheduler have given the run its place. */
  Admitted,
  /** Whether the trainer is at work. */
  Running,
  /** The summary: whether there is an adapter. Its reason is the STATUS column. */
  Succeeded,
  /** Whether what is desired is in place, as kstatus reads it. */
  Ready,
  /** Present, and True, while the operator brings about what is desired. */
  Reconciling,
  /** Present, and True, when nothing will change until the user acts. */
  Stalled
}
