package io.loraoperator.operator.observe;

import org.jspecify.annotations.Nullable;

/**
 * A Job of an attempt.
 *
 * @param deleting whether its deletion has begun
 * @param suspended whether a queue holds it back
 * @param complete whether it has succeeded
 * @param failure the Job controller's words if it has failed
 */
public record JobObservation(
    String name, boolean deleting, boolean suspended, boolean complete, @Nullable String failure) {

  /** Whether nothing more will come of it. */
  public boolean finished() {
    return complete || failure != null;
  }
}
