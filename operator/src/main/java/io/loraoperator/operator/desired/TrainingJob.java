package io.loraoperator.operator.desired;

import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicy;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyBuilder;
import io.loraoperator.api.spec.Scheduling;
import io.loraoperator.contract.ExitCode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The Job of one attempt. It has neither deadline nor time to live: the operator measures active
 * time over all attempts, and deletes the Job after it has recorded the outcome.
 */
public final class TrainingJob {

  /** The label by which Kueue takes a Job into a queue. */
  static final String QUEUE_LABEL = "kueue.x-k8s.io/queue-name";

  /** Which container {@code kubectl logs} shows. */
  private static final String DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

  private TrainingJob() {}

  /** Renders it. */
  public static Job of(AttemptOrder order, PodSettings settings) {
    return new JobBuilder()
        .withMetadata(metadata(order))
        .withNewSpec()
        .withCompletions(1)
        .withParallelism(1)
        // Failures are answered with a new attempt, which has its own Job.
        .withBackoffLimit(0)
        .withPodFailurePolicy(failurePolicy())
        // Two Pods of one run must never write its checkpoints at the same time.
        .withPodReplacementPolicy("Failed")
        .withNewTemplate()
        .withMetadata(
            new ObjectMetaBuilder()
                .withLabels(order.labels())
                .addToAnnotations(DEFAULT_CONTAINER, TrainerContainer.NAME)
                .build())
        .withSpec(podSpec(order, settings))
        .endTemplate()
        .endSpec()
        .build();
  }

  private static ObjectMeta metadata(AttemptOrder order) {
    ObjectMeta metadata = order.metadata(order.key().jobName());
    Scheduling scheduling = order.owner().getSpec().scheduling();
    if (scheduling != null && scheduling.queueName() != null) {
      Map<String, String> labels = new TreeMap<>(metadata.getLabels());
      labels.put(QUEUE_LABEL, scheduling.queueName());
      metadata.setLabels(labels);
    }
    return metadata;
  }

  /**
   * An interruption is nobody's fault, and the Job controller replaces the Pod should the operator
   * be away; an outcome that the trainer names ends the Job at once.
   */
  private static PodFailurePolicy failurePolicy() {
    List<Integer> outcomes =
        Arrays.stream(ExitCode.values())
            .filter(code -> code != ExitCode.SUCCESS && code != ExitCode.INTERRUPTED)
            .map(ExitCode::code)
            .sorted()
            .toList();
    return new PodFailurePolicyBuilder()
        .addNewRule()
        .withAction("Ignore")
        .withNewOnExitCodes()
        .withContainerName(TrainerContainer.NAME)
        .withOperator("In")
        .withValues(ExitCode.INTERRUPTED.code())
        .endOnExitCodes()
        .endRule()
        .addNewRule()
        .withAction("FailJob")
        .withNewOnExitCodes()
        .withContainerName(TrainerContainer.NAME)
        .withOperator("In")
        .withValues(outcomes)
        .endOnExitCodes()
        .endRule()
        .addNewRule()
        .withAction("Ignore")
        .addNewOnPodCondition("True", "DisruptionTarget")
        .endRule()
        .build();
  }

  private static PodSpec podSpec(AttemptOrder order, PodSettings settings) {
    Scheduling scheduling = order.owner().getSpec().scheduling();
    PodVolumes volumes = PodVolumes.of(order, settings);
    return new PodSpecBuilder()
        .withRestartPolicy("Never")
        .withServiceAccountName(order.key().reporterName())
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withTerminationGracePeriodSeconds(
            (long) SpecValues.gracePeriodSeconds(order.owner().getSpec()))
        .withSecurityContext(Restrictions.pod())
        .withImagePullSecrets(
            settings.imagePullSecrets().stream().map(LocalObjectReference::new).toList())
        .withInitContainers(ReporterContainer.of(order, settings, volumes))
        .withContainers(TrainerContainer.of(order, settings, volumes))
        .withVolumes(volumes.volumes())
        .withNodeSelector(scheduling == null ? null : scheduling.nodeSelector())
        .withTolerations(tolerations(scheduling))
        .withPriorityClassName(scheduling == null ? null : scheduling.priorityClassName())
        .withRuntimeClassName(scheduling == null ? null : scheduling.runtimeClassName())
        .build();
  }

  private static List<Toleration> tolerations(@Nullable Scheduling scheduling) {
    if (scheduling == null || scheduling.tolerations() == null) {
      return List.of();
    }
    return scheduling.tolerations().stream()
        .map(toleration ->
            new TolerationBuilder()
                .withKey(toleration.key())
                .withOperator(name(toleration.operator()))
                .withValue(toleration.value())
                .withEffect(name(toleration.effect()))
                .withTolerationSeconds(toleration.tolerationSeconds())
                .build())
        .toList();
  }

  private static @Nullable String name(@Nullable Enum<?> value) {
    return value == null ? null : value.name();
  }
}
