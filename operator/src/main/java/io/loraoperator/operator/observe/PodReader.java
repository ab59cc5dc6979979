package io.loraoperator.operator.observe;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what matters out of a Pod. */
final class PodReader {

  private static final ContainerState NOT_STARTED = new ContainerState.Waiting("", "");

  private PodReader() {}

  static PodObservation read(Pod pod, String trainerName, String reporterName) {
    PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
    Optional<ContainerStatus> trainer = container(status.getContainerStatuses(), trainerName);
    Optional<PodCondition> scheduled = condition(status, "PodScheduled");
    return new PodObservation(
        pod.getMetadata().getName(),
        time(pod.getMetadata().getCreationTimestamp(), Instant.EPOCH),
        status.getStartTime() == null ? null : Instant.parse(status.getStartTime()),
        text(status.getPhase()),
        pod.getMetadata().getDeletionTimestamp() != null,
        scheduled.filter(found -> "True".equals(found.getStatus())).isPresent(),
        scheduled
            .filter(found -> "False".equals(found.getStatus()))
            .map(found -> text(found.getMessage()))
            .orElse(null),
        condition(status, "DisruptionTarget")
            .filter(found -> "True".equals(found.getStatus()))
            .map(found -> text(found.getReason()) + ": " + text(found.getMessage()))
            .orElse(null),
        text(status.getReason()),
        text(status.getMessage()),
        trainer.map(PodReader::state).orElse(NOT_STARTED),
        container(status.getInitContainerStatuses(), reporterName)
            .map(PodReader::state)
            .orElse(NOT_STARTED),
        trainer.map(PodReader::image).orElse(null));
  }

  private static Optional<ContainerStatus> container(
      @Nullable List<ContainerStatus> statuses, String name) {
    return statuses == null
        ? Optional.empty()
        : statuses.stream().filter(status -> name.equals(status.getName())).findFirst();
  }

  private static Optional<PodCondition> condition(PodStatus status, String type) {
    return status.getConditions() == null
        ? Optional.empty()
        : status.getConditions().stream()
            .filter(condition -> type.equals(condition.getType()))
            .findFirst();
  }

  private static ContainerState state(ContainerStatus status) {
    var state = status.getState();
    if (state == null) {
      return NOT_STARTED;
    }
    ContainerStateTerminated ended = state.getTerminated();
    if (ended != null) {
      Instant finished = time(ended.getFinishedAt(), Instant.EPOCH);
      return new ContainerState.Terminated(
          ended.getExitCode(),
          text(ended.getReason()),
          text(ended.getMessage()),
          time(ended.getStartedAt(), finished),
          finished);
    }
    if (state.getRunning() != null) {
      return new ContainerState.Running(time(state.getRunning().getStartedAt(), Instant.EPOCH));
    }
    return state.getWaiting() == null
        ? NOT_STARTED
        : new ContainerState.Waiting(
            text(state.getWaiting().getReason()), text(state.getWaiting().getMessage()));
  }

  /** The reference with its digest: what the tag meant on that node. */
  private static @Nullable String image(ContainerStatus status) {
    String id = text(status.getImageID());
    String reference = text(status.getImage());
    if (id.isEmpty()) {
      return null;
    }
    int digest = id.indexOf("sha256:");
    return digest < 0 || reference.contains("@")
        ? reference
        : reference + "@" + id.substring(digest);
  }

  private static Instant time(@Nullable String text, Instant otherwise) {
    return text == null ? otherwise : Instant.parse(text);
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }
}
