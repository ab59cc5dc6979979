package io.loraoperator.operator.observe;

import java.time.Instant;

/** Where a container stands. */
public sealed interface ContainerState {

  /**
   * Not started. Both texts are empty before the kubelet has said anything.
   *
   * @param reason the kubelet's, such as {@code ImagePullBackOff}
   * @param message the kubelet's words
   */
  record Waiting(String reason, String message) implements ContainerState {}

  /** At work. */
  record Running(Instant since) implements ContainerState {}

  /**
   * Ended.
   *
   * @param exitCode of the process; 128 + signal if it was killed
   * @param reason the kubelet's, such as {@code OOMKilled}
   * @param message what the container wrote to its termination log
   */
  record Terminated(
      int exitCode, String reason, String message, Instant startedAt, Instant finishedAt)
      implements ContainerState {}
}
