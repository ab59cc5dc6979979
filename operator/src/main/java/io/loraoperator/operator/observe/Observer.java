package io.loraoperator.operator.observe;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.contract.ContractJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes one immutable value of what the caches hold about an object. */
public final class Observer {

  private final String trainerName;
  private final String reporterName;

  /**
   * @param trainerName name of the container that trains
   * @param reporterName name of the sidecar
   */
  public Observer(String trainerName, String reporterName) {
    this.trainerName = trainerName;
    this.reporterName = reporterName;
  }

  /**
   * What the caches hold.
   *
   * @param jobs of the object, and so on
   * @param events about its Jobs and Pods
   */
  public record Children(
      Collection<Job> jobs,
      Collection<Pod> pods,
      Collection<RoleBinding> roleBindings,
      Collection<Event> events,
      Collection<ResourceQuota> quotas) {}

  /** Reads it all. */
  public RunObservation observe(LoraFineTune resource, Children children) {
    NavigableMap<AttemptKey, Parts> attempts = new TreeMap<>();
    String namespace = resource.getMetadata().getNamespace();
    children.jobs().forEach(job -> of(attempts, job).ifPresent(parts -> parts.job = read(job)));
    children
        .pods()
        .forEach(pod ->
            of(attempts, pod)
                .ifPresent(
                    parts -> parts.pods.add(PodReader.read(pod, trainerName, reporterName))));
    children
        .roleBindings()
        .forEach(binding -> of(attempts, binding).ifPresent(parts -> parts.access = true));
    for (Event event : children.events()) {
      AttemptKey.ofChildName(namespace, event.getInvolvedObject().getName())
          .map(attempts::get)
          .ifPresent(parts -> parts.warnings.add(read(event)));
    }
    return new RunObservation(
        resource,
        ContractJson.tree(resource.getSpec()),
        RunRecords.read(resource.getStatus()),
        attempts.entrySet().stream().map(entry -> entry.getValue().of(entry.getKey())).toList(),
        children.quotas().stream().map(Observer::read).toList());
  }

  private static Optional<Parts> of(NavigableMap<AttemptKey, Parts> attempts, HasMetadata child) {
    return AttemptKey.ofLabels(child.getMetadata().getNamespace(), child.getMetadata().getLabels())
        .map(key -> attempts.computeIfAbsent(key, unseen -> new Parts()));
  }

  private static JobObservation read(Job job) {
    List<JobCondition> conditions =
        job.getStatus() == null || job.getStatus().getConditions() == null
            ? List.of()
            : job.getStatus().getConditions();
    return new JobObservation(
        job.getMetadata().getName(),
        job.getMetadata().getDeletionTimestamp() != null,
        Boolean.TRUE.equals(job.getSpec().getSuspend()),
        condition(conditions, "Complete").isPresent(),
        condition(conditions, "Failed")
            .map(failed -> failed.getReason() + ": " + failed.getMessage())
            .orElse(null));
  }

  private static Optional<JobCondition> condition(List<JobCondition> conditions, String type) {
    return conditions.stream()
        .filter(
            condition -> type.equals(condition.getType()) && "True".equals(condition.getStatus()))
        .findFirst();
  }

  private static Warning read(Event event) {
    String time =
        event.getLastTimestamp() != null
            ? event.getLastTimestamp()
            : event.getMetadata().getCreationTimestamp();
    return new Warning(
        event.getInvolvedObject().getName(),
        String.valueOf(event.getReason()),
        String.valueOf(event.getMessage()),
        time == null ? Instant.EPOCH : Instant.parse(time));
  }

  private static QuotaUse read(ResourceQuota quota) {
    var status = quota.getStatus();
    return new QuotaUse(
        quota.getMetadata().getName(),
        figures(status == null ? null : status.getHard()),
        figures(status == null ? null : status.getUsed()));
  }

  private static Map<String, String> figures(@Nullable Map<String, Quantity> quantities) {
    return quantities == null
        ? Map.of()
        : quantities.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().toString()));
  }

  /** An attempt while its parts are gathered. */
  private static final class Parts {
    private @Nullable JobObservation job;
    private final List<PodObservation> pods = new ArrayList<>();
    private boolean access;
    private final List<Warning> warnings = new ArrayList<>();

    AttemptObservation of(AttemptKey key) {
      return new AttemptObservation(key, job, pods, access, warnings);
    }
  }
}
