package io.loraoperator.contract;

/** What a change of a field of {@code spec} means for a run that exists. */
public enum FieldKind {
  /** The field decides the numbers: a change starts a new run. */
  RUN,
  /** The field decides where and how the run is carried out: a change starts a new attempt. */
  ATTEMPT,
  /** The field is read whenever it is needed: a change starts nothing. */
  LIVE
}
