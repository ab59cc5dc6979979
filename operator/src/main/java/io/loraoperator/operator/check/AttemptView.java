package io.loraoperator.operator.check;

import io.loraoperator.operator.observe.AttemptObservation;
import io.loraoperator.operator.observe.ContainerState;
import io.loraoperator.operator.observe.PodObservation;
import io.loraoperator.operator.observe.QuotaUse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the checks look at.
 *
 * @param jobSeen whether the attempt's Job has ever been seen
 * @param quotas of the namespace
 * @param gpuResource the extended resource that a GPU is asked for by
 * @param memory the trainer's limit, for messages; empty if it has none
 * @param imagePullTimeout how long an image may fail to be pulled
 * @param now the time
 */
public record AttemptView(
    AttemptObservation seen,
    boolean jobSeen,
    List<QuotaUse> quotas,
    String gpuResource,
    String memory,
    Duration imagePullTimeout,
    Instant now) {

  Optional<PodObservation> pod() {
    return seen.pod();
  }

  /** The trainer's end, once its Pod has ended too: the reporter then has said its last word. */
  Optional<ContainerState.Terminated> trainerEnd() {
    return pod()
        .filter(PodObservation::terminal)
        .map(PodObservation::trainer)
        .filter(ContainerState.Terminated.class::isInstance)
        .map(ContainerState.Terminated.class::cast);
  }
}
