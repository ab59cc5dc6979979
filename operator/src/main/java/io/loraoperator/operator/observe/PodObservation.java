package io.loraoperator.operator.observe;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A Pod of an attempt.
 *
 * @param created when it was made
 * @param started when the kubelet took it on; null before
 * @param phase {@code Pending}, {@code Running}, {@code Succeeded}, {@code Failed} or {@code
 *     Unknown}
 * @param deleting whether its deletion has begun
 * @param scheduled whether it has a node
 * @param unschedulable the scheduler's words while no node fits
 * @param disruption who took the Pod away and why, from the condition {@code DisruptionTarget}
 * @param reason of the Pod as a whole, such as {@code Evicted}; else empty
 * @param message of the Pod as a whole; else empty
 * @param trainerImage the image that runs, with its digest, once it is known
 */
public record PodObservation(
    String name,
    Instant created,
    @Nullable Instant started,
    String phase,
    boolean deleting,
    boolean scheduled,
    @Nullable String unschedulable,
    @Nullable String disruption,
    String reason,
    String message,
    ContainerState trainer,
    ContainerState reporter,
    @Nullable String trainerImage) {

  /** Whether all of its containers have ended for good. */
  public boolean terminal() {
    return phase.equals("Succeeded") || phase.equals("Failed");
  }
}
