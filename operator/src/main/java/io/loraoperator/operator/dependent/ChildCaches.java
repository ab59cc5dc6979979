package io.loraoperator.operator.dependent;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelector;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.operator.observe.AttemptKey;
import io.loraoperator.operator.observe.Observer.Children;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The caches that the operator reads. Of an attempt's children only those are watched that tell
 * something: Jobs, Pods and the binding that lets a reporter speak; of events only the two that
 * nothing else tells. Quotas are read and trigger nothing: the Job's next event does.
 */
public final class ChildCaches {

  private final InformerEventSource<Job, LoraFineTune> jobs;
  private final InformerEventSource<Pod, LoraFineTune> pods;
  private final InformerEventSource<RoleBinding, LoraFineTune> roleBindings;
  private final InformerEventSource<Event, LoraFineTune> jobEvents;
  private final InformerEventSource<Event, LoraFineTune> podEvents;
  private final InformerEventSource<ResourceQuota, LoraFineTune> quotas;

  /** Makes them; the framework starts them. */
  public ChildCaches(EventSourceContext<LoraFineTune> context) {
    jobs = children(Job.class, "jobs", Pruning::job, context);
    pods = children(Pod.class, "pods", Pruning::pod, context);
    roleBindings = children(RoleBinding.class, "role-bindings", Pruning::managedFields, context);
    jobEvents = events("job-events", "Job", "FailedCreate", context);
    podEvents = events("pod-events", "Pod", "FailedMount", context);
    quotas =
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(ResourceQuota.class, LoraFineTune.class)
                .withName("quotas")
                .withSecondaryToPrimaryMapper(quota -> Set.of())
                .withNamespacesInheritedFromController()
                .build(),
            context);
  }

  /** For the framework. */
  public List<EventSource<?, LoraFineTune>> eventSources() {
    return List.of(jobs, pods, roleBindings, jobEvents, podEvents, quotas);
  }

  InformerEventSource<Job, LoraFineTune> jobs() {
    return jobs;
  }

  InformerEventSource<RoleBinding, LoraFineTune> roleBindings() {
    return roleBindings;
  }

  /** What they hold about an object. */
  public Children of(LoraFineTune resource) {
    String uid = resource.getMetadata().getUid();
    return new Children(
        own(jobs, resource, uid),
        own(pods, resource, uid),
        own(roleBindings, resource, uid),
        Stream.concat(
                jobEvents.getSecondaryResources(resource).stream(),
                podEvents.getSecondaryResources(resource).stream())
            .toList(),
        quotas.list(resource.getMetadata().getNamespace(), quota -> true).toList());
  }

  /** An object of the same name may have been there before, and its children may still be going. */
  private static <R extends HasMetadata> List<R> own(
      InformerEventSource<R, LoraFineTune> source, LoraFineTune resource, String uid) {
    return source.getSecondaryResources(resource).stream()
        .filter(child -> uid.equals(child.getMetadata().getLabels().get(AttemptKey.UID_LABEL)))
        .toList();
  }

  private static <R extends HasMetadata> InformerEventSource<R, LoraFineTune> children(
      Class<R> type,
      String name,
      UnaryOperator<R> pruning,
      EventSourceContext<LoraFineTune> context) {
    // One store serves one watch: that of all namespaces, where there are many objects.
    boolean prunes = context.getControllerConfiguration().getInformerConfig().watchAllNamespaces();
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(type, LoraFineTune.class)
            .withName(name)
            .withItemStore(prunes ? new TransformingItemStore<>(pruning) : null)
            .withLabelSelector(AttemptKey.SELECTOR)
            .withSecondaryToPrimaryMapper(child ->
                primary(
                    AttemptKey.ofLabels(
                        child.getMetadata().getNamespace(), child.getMetadata().getLabels())))
            .withNamespacesInheritedFromController()
            .build(),
        context);
  }

  private static InformerEventSource<Event, LoraFineTune> events(
      String name, String kind, String reason, EventSourceContext<LoraFineTune> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(Event.class, LoraFineTune.class)
            .withName(name)
            .withFieldSelector(
                new FieldSelector(
                    new FieldSelector.Field("involvedObject.kind", kind),
                    new FieldSelector.Field("reason", reason)))
            .withSecondaryToPrimaryMapper(event ->
                primary(
                    AttemptKey.ofChildName(
                        event.getMetadata().getNamespace(), event.getInvolvedObject().getName())))
            .withNamespacesInheritedFromController()
            .build(),
        context);
  }

  private static Set<ResourceID> primary(Optional<AttemptKey> key) {
    return key.map(found -> new ResourceID(found.name(), found.namespace())).stream()
        .collect(Collectors.toUnmodifiableSet());
  }
}
