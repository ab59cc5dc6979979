package io.loraoperator.operator;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.status.LoraFineTuneStatus;
import io.loraoperator.operator.check.SpecExaminer;
import io.loraoperator.operator.check.SpecVerdict;
import io.loraoperator.operator.dependent.AttemptChildren;
import io.loraoperator.operator.dependent.ChildCaches;
import io.loraoperator.operator.dependent.StatusWriter;
import io.loraoperator.operator.desired.PodSettings;
import io.loraoperator.operator.desired.RunPlan;
import io.loraoperator.operator.desired.RunPlanner;
import io.loraoperator.operator.observe.Observer;
import io.loraoperator.operator.observe.RunObservation;
import io.loraoperator.operator.status.StatusProjector;
import io.loraoperator.operator.telemetry.RunTelemetry;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Observe, check, plan, write down what is planned, bring it about. */
@ApplicationScoped
@ControllerConfiguration(
    name = LoraFineTuneReconciler.NAME,
    fieldManager = LoraFineTuneReconciler.FIELD_MANAGER,
    // The filter says which changes matter: those of the specification, and one of the status.
    generationAwareEventProcessing = false,
    informer = @Informer(onUpdateFilter = WorthALook.class))
public class LoraFineTuneReconciler implements Reconciler<LoraFineTune> {

  /** Name of the controller, in metrics and in the configuration. */
  public static final String NAME = "lorafinetune";

  /** Whose fields the operator's are. */
  public static final String FIELD_MANAGER = "lora-operator";

  private final Observer observer;
  private final SpecExaminer specs;
  private final RunPlanner planner;
  private final StatusProjector projector;
  private final StatusWriter writer = new StatusWriter();
  private final PodSettings settings;
  private final MeterRegistry meters;
  private final Clock clock;
  private @Nullable ChildCaches caches;
  private @Nullable AttemptChildren children;
  private @Nullable RunTelemetry telemetry;

  LoraFineTuneReconciler(
      Observer observer,
      SpecExaminer specs,
      RunPlanner planner,
      StatusProjector projector,
      PodSettings settings,
      MeterRegistry meters,
      Clock clock) {
    this.observer = observer;
    this.specs = specs;
    this.planner = planner;
    this.projector = projector;
    this.settings = settings;
    this.meters = meters;
    this.clock = clock;
  }

  @Override
  public List<EventSource<?, LoraFineTune>> prepareEventSources(
      EventSourceContext<LoraFineTune> context) {
    caches = new ChildCaches(context);
    children = new AttemptChildren(caches, settings);
    telemetry = new RunTelemetry(context.getClient(), meters, clock);
    return caches.eventSources();
  }

  @Override
  public UpdateControl<LoraFineTune> reconcile(
      LoraFineTune resource, Context<LoraFineTune> context) {
    RunObservation seen = observer.observe(resource, Objects.requireNonNull(caches).of(resource));
    SpecVerdict verdict = specs.examine(seen.spec());
    Objects.requireNonNull(telemetry).resumption(resource);
    RunPlan plan = planner.plan(seen, verdict, clock.instant().truncatedTo(ChronoUnit.SECONDS));

    // Numbers are written down before anything bears them: a repeat then finds the same names.
    LoraFineTune written = write(seen, verdict, plan, context);
    try {
      Objects.requireNonNull(children).bringAbout(seen, verdict, plan, context);
    } catch (KubernetesClientException e) {
      write(seen, verdict, plan.refused(e.getMessage()), context);
      throw e;
    }
    return next(plan, generation(written) != seen.generation());
  }

  private LoraFineTune write(
      RunObservation seen, SpecVerdict verdict, RunPlan plan, Context<LoraFineTune> context) {
    LoraFineTuneStatus status = projector.project(seen, verdict, plan);
    LoraFineTune written = writer.write(seen.resource(), status, context);
    Objects.requireNonNull(telemetry).transition(seen.resource(), status);
    return written;
  }

  /**
   * An edit that came between reading and writing is in the answer to the write, whose event the
   * framework takes for our own: look at it at once.
   */
  private static UpdateControl<LoraFineTune> next(RunPlan plan, boolean edited) {
    UpdateControl<LoraFineTune> control = UpdateControl.noUpdate();
    if (edited) {
      return control.reschedule();
    }
    Duration recheck = plan.recheckAfter();
    return recheck == null ? control : control.rescheduleAfter(recheck);
  }

  private static long generation(LoraFineTune resource) {
    Long generation = resource.getMetadata().getGeneration();
    return generation == null ? 0 : generation;
  }
}
