package io.loraoperator.trainer.run;

import io.loraoperator.contract.ProgressSnapshot;

/** Sees how a run goes: a terminal, or a log. */
public interface RunObserver {

  /** Something worth a line. */
  void note(String message);

  /** Something that a user should look at, though the run goes on. */
  void warn(String message);

  /** Where the run stands, after every step and at every change of phase. */
  void progress(ProgressSnapshot snapshot);
}
