package io.loraoperator.operator.check;

import io.loraoperator.contract.Reason;
import java.util.List;
import java.util.Optional;

/**
 * Asks the checks in order. How an attempt ended comes before how it starts, and what the trainer
 * says of its end before what others say of it.
 */
public final class AttemptExaminer {

  private static final List<AttemptCheck> CHAIN =
      List.of(
          EndChecks::resultDocument,
          EndChecks::outOfMemory,
          EndChecks::interruption,
          EndChecks::exitCode,
          EndChecks::failedPod,
          EndChecks::finishedJob,
          EndChecks::lostJob,
          StartChecks::heldByQueue,
          QuotaCheck::exceeded,
          StartChecks::refusedPod,
          StartChecks::unschedulable,
          StartChecks::imagePull,
          StartChecks::configuration,
          StartChecks::mounts,
          StartChecks::stopping,
          StartChecks::training,
          StartChecks::starting);

  /** What the attempt has come to. */
  public Finding examine(AttemptView attempt) {
    return CHAIN.stream()
        .map(check -> check.examine(attempt))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseGet(() -> new Finding.Waiting(Reason.Pending, "The Job is about to be created."));
  }
}
