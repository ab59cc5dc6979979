package io.loraoperator.operator.check;

import io.loraoperator.contract.Reason;
import io.loraoperator.operator.observe.ContainerState;
import io.loraoperator.operator.observe.ContainerState.Waiting;
import io.loraoperator.operator.observe.JobObservation;
import io.loraoperator.operator.observe.PodObservation;
import io.loraoperator.operator.observe.Warning;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What keeps an attempt from training, or that it trains. */
final class StartChecks {

  /** Images that no waiting brings. */
  private static final Set<String> HOPELESS_IMAGE = Set.of("InvalidImageName", "ErrImageNeverPull");

  /** Images that may come yet: a registry may be away for a while. */
  private static final Set<String> FAILING_IMAGE =
      Set.of("ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError");

  /** Containers that the kubelet cannot make, or that end at once; it goes on trying. */
  private static final Set<String> CONFIGURATION =
      Set.of(
          "CreateContainerConfigError",
          "CreateContainerError",
          "RunContainerError",
          "CrashLoopBackOff");

  /** The kubelet's event reason for a volume that does not come. */
  private static final String FAILED_MOUNT = "FailedMount";

  /** The scheduler's words: why each group of nodes is out, and then what preemption would do. */
  private static final Pattern NODES =
      Pattern.compile(
          "^\\d+/\\d+ nodes are available: (?<reasons>.*?)"
              + "(?:\\.|\\. .*preemption: (?<preemption>.*))?$");

  private StartChecks() {}

  /** A queue keeps the Job suspended until it is its turn. */
  static Optional<Finding> heldByQueue(AttemptView attempt) {
    JobObservation job = attempt.seen().job();
    return job != null && job.suspended()
        ? Optional.of(
            new Finding.Waiting(
                Reason.Queued,
                "The queue has not admitted the Job yet: spec.scheduling.queueName."))
        : Optional.empty();
  }

  /** The API server refuses the Pod for another reason than a quota. */
  static Optional<Finding> refusedPod(AttemptView attempt) {
    if (attempt.pod().isPresent()) {
      return Optional.empty();
    }
    return attempt
        .seen()
        .warning("FailedCreate")
        .map(warning ->
            new Finding.Waiting(
                Reason.Pending,
                "The Job controller cannot create the Pod: " + Sentences.of(warning.message())));
  }

  /** No node fits, in the scheduler's words. */
  static Optional<Finding> unschedulable(AttemptView attempt) {
    return attempt
        .pod()
        .filter(pod -> !pod.terminal())
        .flatMap(pod -> Optional.ofNullable(pod.unschedulable()))
        .map(words -> {
          Reason reason = isShortage(words) ? Reason.Queued : Reason.Unschedulable;
          return new Finding.Waiting(
              reason, Sentences.join("The scheduler says: " + words, reason.remedy()));
        });
  }

  /**
   * Whether nodes that fit are only taken at present. The scheduler says "Insufficient" for that,
   * and that preemption would not help where a node is too small even when it is empty.
   */
  private static boolean isShortage(String words) {
    var parts = NODES.matcher(words.strip());
    if (!parts.matches()) {
      return false;
    }
    String preemption = parts.group("preemption");
    boolean fitsWhenEmpty =
        preemption == null || !preemption.contains("Preemption is not helpful for scheduling");
    return fitsWhenEmpty
        && Stream.of(parts.group("reasons").split(", ", -1))
            .allMatch(why -> why.contains("Insufficient "));
  }

  /** An image does not come. */
  static Optional<Finding> imagePull(AttemptView attempt) {
    return waiting(attempt)
        .filter(state ->
            HOPELESS_IMAGE.contains(state.reason()) || FAILING_IMAGE.contains(state.reason()))
        .findFirst()
        .map(state -> {
          String words = Sentences.words(state.reason(), state.message());
          PodObservation pod = attempt.pod().orElseThrow();
          Instant since = pod.started() == null ? pod.created() : pod.started();
          Instant deadline = since.plus(attempt.imagePullTimeout());
          if (HOPELESS_IMAGE.contains(state.reason()) || !attempt.now().isBefore(deadline)) {
            return new Finding.Failed(
                Reason.ImagePullFailed, Sentences.join(words, Reason.ImagePullFailed.remedy()));
          }
          return new Finding.Waiting(
              Reason.Starting,
              "An image cannot be pulled yet: " + words,
              Duration.between(attempt.now(), deadline));
        });
  }

  /** The kubelet cannot make a container: a Secret or a key that it names is missing. */
  static Optional<Finding> configuration(AttemptView attempt) {
    return waiting(attempt)
        .filter(state -> CONFIGURATION.contains(state.reason()))
        .findFirst()
        .map(state ->
            new Finding.Waiting(
                Reason.Starting,
                Sentences.join(
                    "The node cannot start a container: "
                        + Sentences.words(state.reason(), state.message()),
                    "Create what it names; the Pod goes on by itself.")));
  }

  /** A volume does not come: the Secret, ConfigMap or claim behind it is missing. */
  static Optional<Finding> mounts(AttemptView attempt) {
    boolean waitsForVolumes =
        attempt
            .pod()
            .filter(pod -> pod.scheduled() && !pod.terminal() && !pod.deleting())
            .filter(pod -> pod.reporter() instanceof Waiting)
            .isPresent();
    if (!waitsForVolumes) {
      return Optional.empty();
    }
    String pod = attempt.pod().orElseThrow().name();
    return attempt
        .seen()
        .warning(FAILED_MOUNT)
        .filter(warning -> warning.object().equals(pod))
        .map(Warning::message)
        .map(words ->
            new Finding.Waiting(
                Reason.Starting,
                Sentences.join(
                    "The Pod waits for a volume: " + words,
                    "Create what it names; the Pod goes on by itself.")));
  }

  /** The Pod has been told to stop and still writes its checkpoint. */
  static Optional<Finding> stopping(AttemptView attempt) {
    return attempt
        .pod()
        .filter(pod -> pod.deleting() && !pod.terminal())
        .map(pod ->
            new Finding.Waiting(
                Reason.Resuming,
                "The Pod is being stopped; the run goes on from its newest checkpoint."));
  }

  /** The trainer is at work, or has just ended and the reporter still speaks. */
  static Optional<Finding> training(AttemptView attempt) {
    return attempt
        .pod()
        .map(PodObservation::trainer)
        .flatMap(state ->
            switch (state) {
              case ContainerState.Running running ->
                  Optional.of(new Finding.Training(running.since(), "The trainer is at work."));
              case ContainerState.Terminated ended ->
                  Optional.of(
                      new Finding.Training(
                          ended.startedAt(),
                          "The trainer has ended; its last progress is being reported."));
              case Waiting waiting -> Optional.empty();
            });
  }

  /** The Job or the Pod is there, and nothing is wrong with it. */
  static Optional<Finding> starting(AttemptView attempt) {
    if (attempt.seen().job() == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Finding.Waiting(
            Reason.Starting,
            attempt
                .pod()
                .map(pod ->
                    pod.scheduled()
                        ? "The Pod has a node; its containers are being started."
                        : "The Pod waits for the scheduler.")
                .orElse("The Job waits for its Pod.")));
  }

  private static Stream<Waiting> waiting(AttemptView attempt) {
    return attempt.pod().stream()
        .filter(pod -> !pod.terminal() && !pod.deleting())
        .flatMap(pod -> Stream.of(pod.reporter(), pod.trainer()))
        .filter(Waiting.class::isInstance)
        .map(Waiting.class::cast);
  }
}
