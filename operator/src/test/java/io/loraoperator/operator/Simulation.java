package io.loraoperator.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.spec.LoraFineTuneSpec;
import io.loraoperator.api.status.LoraFineTuneStatus;
import io.loraoperator.operator.check.SpecExaminer;
import io.loraoperator.operator.check.SpecVerdict;
import io.loraoperator.operator.desired.RunPlan;
import io.loraoperator.operator.desired.RunPlan.JobIntent;
import io.loraoperator.operator.desired.RunPlanner;
import io.loraoperator.operator.observe.AttemptKey;
import io.loraoperator.operator.observe.Observer;
import io.loraoperator.operator.observe.RunObservation;
import io.loraoperator.operator.status.ConditionType;
import io.loraoperator.operator.status.StatusProjector;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pure part of a reconciliation over time: what is planned happens at once, and a test plays
 * kubelet, scheduler and user. Time moves only when told.
 */
public final class Simulation {

  /** When it begins. */
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static final String SPEC =
      """
      baseModel: {source: {s3: {uri: s3://models/smollm2/}}}
      dataset:
        train: {source: {s3: {uri: s3://data/train.jsonl}}}
        prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
      training: {epochs: "1"}
      output: {destination: {s3: {uri: s3://adapters/}}}
      """;

  private final Observer observer = new Observer("trainer", "reporter");
  private final SpecExaminer specs = new SpecExaminer(List.of());
  private final RunPlanner planner = new RunPlanner(Duration.ofMinutes(2), 2);

  private final LoraFineTune resource = new LoraFineTune();
  private final Map<AttemptKey, Job> jobs = new LinkedHashMap<>();
  private final List<Pod> pods = new ArrayList<>();
  private final List<RoleBinding> access = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<ResourceQuota> quotas = new ArrayList<>();
  private Instant now = START;

  /** Begins with a minimal specification and further fields. */
  public Simulation(String more) {
    resource.getMetadata().setNamespace("team-a");
    resource.getMetadata().setName("helper");
    resource.getMetadata().setUid("0a1b2c3d-0000-4000-8000-000000000000");
    resource.getMetadata().setGeneration(0L);
    edit(more);
  }

  /** The user applies a manifest: the minimal one with these fields on top. */
  public void edit(String more) {
    Map<String, Object> spec = new LinkedHashMap<>(map(SPEC));
    spec.putAll(map(more));
    resource.setSpec(Serialization.unmarshal(Serialization.asJson(spec), LoraFineTuneSpec.class));
    resource.getMetadata().setGeneration(resource.getMetadata().getGeneration() + 1);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(String yaml) {
    return yaml.isBlank() ? Map.of() : Serialization.unmarshal(yaml, Map.class);
  }

  /** Time passes. */
  public void pass(int seconds) {
    now = now.plusSeconds(seconds);
  }

  /** What the time is. */
  public Instant now() {
    return now;
  }

  /** One reconciliation, and what it plans comes about. */
  public RunPlan reconcile() {
    RunObservation seen =
        observer.observe(
            resource, new Observer.Children(jobs.values(), pods, access, events, quotas));
    SpecVerdict verdict = specs.examine(seen.spec());
    RunPlan plan = planner.plan(seen, verdict, now);
    LoraFineTuneStatus status =
        new StatusProjector(Clock.fixed(now, ZoneOffset.UTC), "1.0.0").project(seen, verdict, plan);
    resource.setStatus(status);
    if (plan.run() == null) {
      return plan;
    }
    AttemptKey current = plan.run().key("team-a", "helper");
    jobs.keySet().removeIf(key -> !key.equals(current) || plan.job() == JobIntent.REMOVE);
    if (plan.job() == JobIntent.RUN && seen.others(current).isEmpty()) {
      jobs.computeIfAbsent(current, this::job);
    }
    return plan;
  }

  /** Reconciles until nothing changes any more. */
  public String settle() {
    LoraFineTuneStatus before;
    do {
      before = resource.getStatus();
      reconcile();
    } while (!resource.getStatus().equals(before));
    return summary();
  }

  private Job job(AttemptKey key) {
    access.add(
        new RoleBindingBuilder()
            .withNewMetadata()
            .withNamespace("team-a")
            .withName(key.reporterName())
            .withLabels(key.labels(resource.getMetadata().getUid()))
            .endMetadata()
            .build());
    return new JobBuilder()
        .withNewMetadata()
        .withNamespace("team-a")
        .withName(key.jobName())
        .withLabels(key.labels(resource.getMetadata().getUid()))
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .build();
  }

  /**
   * The kubelet or the scheduler reports a Pod of the newest Job; it replaces what was reported.
   */
  public void pod(String status) {
    AttemptKey key = List.copyOf(jobs.keySet()).getLast();
    String name = key.jobName() + "-abcde";
    pods.removeIf(pod -> pod.getMetadata().getName().equals(name));
    Pod pod = new Pod();
    pod.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("team-a")
            .withName(name)
            .withCreationTimestamp(now.toString())
            .withLabels(key.labels(resource.getMetadata().getUid()))
            .build());
    pod.setStatus(Serialization.unmarshal(status.replace("NOW", now.toString()), PodStatus.class));
    pods.add(pod);
  }

  /** The trainer of the newest Job is at work from now on. */
  public void trains() {
    pod(
        """
        phase: Running
        conditions: [{type: PodScheduled, status: 'True'}]
        initContainerStatuses: [{name: reporter, state: {running: {startedAt: 'NOW'}}}]
        containerStatuses: [{name: trainer, state: {running: {startedAt: 'NOW'}}}]
        """);
  }

  /** The trainer of the newest Job has ended, and so has its Pod. */
  public void ends(int exitCode, String reason, String message) {
    String started = now.minusSeconds(10).toString();
    pod(
        """
        phase: %s
        conditions: [{type: PodScheduled, status: 'True'}]
        containerStatuses:
        - name: trainer
          image: localhost/lora-operator/trainer:1.0.0
          imageID: sha256:feed
          state: {terminated: {exitCode: %d, reason: %s, message: '%s', startedAt: '%s', finishedAt: 'NOW'}}
        """
            .formatted(exitCode == 0 ? "Succeeded" : "Failed", exitCode, reason, message, started));
  }

  /** All Pods are gone. */
  public void podsGone() {
    pods.clear();
  }

  /** Somebody deletes the Jobs. */
  public void jobsGone() {
    jobs.clear();
  }

  /** A queue takes the newest Job up or holds it back. */
  public void suspendJob(boolean suspended) {
    List.copyOf(jobs.values()).getLast().getSpec().setSuspend(suspended);
  }

  /** A component warns about the newest Job. */
  public void warns(String reason, String message) {
    events.add(
        new EventBuilder()
            .withNewMetadata()
            .withNamespace("team-a")
            .withName("event-" + events.size())
            .endMetadata()
            .withNewInvolvedObject()
            .withName(
                reason.equals("FailedCreate")
                    ? List.copyOf(jobs.keySet()).getLast().jobName()
                    : pods.getLast().getMetadata().getName())
            .endInvolvedObject()
            .withReason(reason)
            .withMessage(message)
            .withLastTimestamp(now.toString())
            .build());
  }

  /** The quota's controller reports. */
  public void quota(String yaml) {
    quotas.clear();
    quotas.add(Serialization.unmarshal(yaml, ResourceQuota.class));
  }

  /** Names of the Jobs that exist. */
  public List<String> jobNames() {
    return jobs.keySet().stream().map(AttemptKey::jobName).toList();
  }

  /** The status as it was written. */
  public LoraFineTuneStatus status() {
    return resource.getStatus();
  }

  /** A condition of it. */
  public Condition condition(ConditionType type) {
    return resource.getStatus().conditions().stream()
        .filter(condition -> condition.getType().equals(type.name()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no condition " + type));
  }

  /** Status and reason of the summary. */
  public String summary() {
    Condition succeeded = condition(ConditionType.Succeeded);
    return succeeded.getStatus() + " " + succeeded.getReason();
  }

  /** Its message. */
  public String message() {
    return condition(ConditionType.Succeeded).getMessage();
  }
}
