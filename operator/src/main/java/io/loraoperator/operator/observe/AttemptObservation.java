package io.loraoperator.operator.observe;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster holds of one attempt.
 *
 * @param job null before it is made and after it is gone
 * @param access whether the reporter's RoleBinding exists
 * @param warnings about the Job and its Pods
 */
public record AttemptObservation(
    AttemptKey key,
    @Nullable JobObservation job,
    List<PodObservation> pods,
    boolean access,
    List<Warning> warnings) {

  public AttemptObservation {
    pods = List.copyOf(pods);
    warnings = List.copyOf(warnings);
  }

  /** An attempt of which nothing exists. */
  public static AttemptObservation nothing(AttemptKey key) {
    return new AttemptObservation(key, null, List.of(), false, List.of());
  }

  /** The Pod made last: the Job controller replaces one whose failure it ignores. */
  public Optional<PodObservation> pod() {
    return pods.stream()
        .max(Comparator.comparing(PodObservation::created).thenComparing(PodObservation::name));
  }

  /** When its trainer ended, if it did. */
  public Optional<Instant> trainerEnd() {
    return pod()
        .map(PodObservation::trainer)
        .filter(ContainerState.Terminated.class::isInstance)
        .map(ContainerState.Terminated.class::cast)
        .map(ContainerState.Terminated::finishedAt);
  }

  /** Whether something of it may still run. */
  public boolean present() {
    return job != null || pods.stream().anyMatch(pod -> !pod.terminal());
  }

  /** Whether its reporter can have anything left to say. */
  public boolean reporting() {
    return pods.stream().anyMatch(pod -> !pod.terminal());
  }

  /** The newest warning with this reason. */
  public Optional<Warning> warning(String reason) {
    return warnings.stream()
        .filter(warning -> warning.reason().equals(reason))
        .max(Comparator.comparing(Warning::time));
  }
}
