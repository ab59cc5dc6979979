package io.loraoperator.operator.dependent;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.operator.check.SpecVerdict;
import io.loraoperator.operator.desired.AttemptOrder;
import io.loraoperator.operator.desired.PodSettings;
import io.loraoperator.operator.desired.ReporterAccess;
import io.loraoperator.operator.desired.RunConfigMap;
import io.loraoperator.operator.desired.RunPlan;
import io.loraoperator.operator.desired.RunPlan.JobIntent;
import io.loraoperator.operator.desired.TrainingJob;
import io.loraoperator.operator.observe.AttemptKey;
import io.loraoperator.operator.observe.AttemptObservation;
import io.loraoperator.operator.observe.RunObservation;
import io.loraoperator.operator.observe.RunRecord;

/** Makes the cluster hold the children that a plan asks for, and no others. */
public final class AttemptChildren {

  private final ChildCaches caches;
  private final PodSettings settings;

  /**
   * @param caches that creations are put into, so that the next reconciliation sees them
   * @param settings for every Pod
   */
  public AttemptChildren(ChildCaches caches, PodSettings settings) {
    this.caches = caches;
    this.settings = settings;
  }

  /** One pass; what it deletes may take a while to go, and its going is reported. */
  public void bringAbout(
      RunObservation seen, SpecVerdict verdict, RunPlan plan, Context<LoraFineTune> context) {
    RunRecord run = plan.run();
    if (run == null) {
      return;
    }
    AttemptKey current = run.key(seen.namespace(), seen.name());
    for (AttemptObservation attempt : seen.attempts()) {
      boolean isCurrent = attempt.key().equals(current);
      if (!isCurrent || plan.job() == JobIntent.REMOVE) {
        stop(attempt, context.getClient());
      }
      boolean superseded = attempt.key().run() != current.run();
      boolean over = !isCurrent || run.finished() || plan.job() == JobIntent.REMOVE;
      if (attempt.access() && (superseded || (over && !attempt.reporting()))) {
        revoke(attempt.key(), context.getClient());
      }
    }
    // Two attempts of one object must never write checkpoints at the same time.
    if (plan.job() == JobIntent.RUN
        && verdict instanceof SpecVerdict.Accepted accepted
        && seen.others(current).isEmpty()) {
      ensure(seen.attempt(current), AttemptOrder.of(seen.resource(), run, accepted), context);
    }
  }

  private void ensure(
      AttemptObservation current, AttemptOrder order, Context<LoraFineTune> context) {
    if (current.job() != null && current.access()) {
      return;
    }
    if (current.job() == null) {
      apply(RunConfigMap.of(order), context);
    }
    for (HasMetadata resource : ReporterAccess.of(order)) {
      if (resource instanceof RoleBinding binding) {
        context.resourceOperations().serverSideApply(binding, caches.roleBindings());
      } else {
        apply(resource, context);
      }
    }
    if (current.job() == null) {
      context.resourceOperations().serverSideApply(TrainingJob.of(order, settings), caches.jobs());
    }
  }

  private static void apply(HasMetadata resource, Context<LoraFineTune> context) {
    context
        .getClient()
        .resource(resource)
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(context.getControllerConfiguration().fieldManager())
                .withForce(true)
                .build());
  }

  /** The Job stays visible until its Pods have written their checkpoint and are gone. */
  private static void stop(AttemptObservation attempt, KubernetesClient client) {
    if (attempt.job() == null || attempt.job().deleting()) {
      return;
    }
    client
        .resources(Job.class)
        .inNamespace(attempt.key().namespace())
        .withName(attempt.key().jobName())
        .withPropagationPolicy(DeletionPropagation.FOREGROUND)
        .delete();
    delete(client, ConfigMap.class, attempt.key(), attempt.key().jobName());
  }

  /** The binding last: as long as it is there, the rest is known to need deleting. */
  private static void revoke(AttemptKey key, KubernetesClient client) {
    delete(client, Role.class, key, key.reporterName());
    delete(client, ServiceAccount.class, key, key.reporterName());
    delete(client, RoleBinding.class, key, key.reporterName());
  }

  private static void delete(
      KubernetesClient client, Class<? extends HasMetadata> type, AttemptKey key, String name) {
    client.resources(type).inNamespace(key.namespace()).withName(name).delete();
  }
}
