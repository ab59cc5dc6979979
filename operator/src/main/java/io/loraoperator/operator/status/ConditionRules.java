package io.loraoperator.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.loraoperator.contract.Reason;
import io.loraoperator.operator.check.Finding;
import io.loraoperator.operator.check.SpecVerdict;
import io.loraoperator.operator.desired.RunPlan;
import io.loraoperator.operator.observe.AttemptObservation;
import io.loraoperator.operator.observe.PodObservation;
import io.loraoperator.operator.observe.RunObservation;
import io.loraoperator.operator.observe.RunRecord;
import io.loraoperator.operator.status.Conditions.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One rule for each condition. */
final class ConditionRules {

  private static final String TRUE = "True";
  private static final String FALSE = "False";
  private static final String UNKNOWN = "Unknown";

  /** Outcomes that say the data cannot be used. */
  private static final Set<Reason> DATA_REASONS =
      Set.of(Reason.DatasetNotFound, Reason.DatasetInvalid, Reason.NoTrainableTokens);

  /** What keeps a run out. */
  private static final Set<Reason> HELD_REASONS =
      Set.of(Reason.Queued, Reason.GpuQuotaExceeded, Reason.Unschedulable);

  private final RunObservation seen;
  private final SpecVerdict verdict;
  private final @Nullable RunRecord run;
  private final @Nullable Finding finding;
  private final Fact summary;

  ConditionRules(RunObservation seen, SpecVerdict verdict, RunPlan plan) {
    this.seen = seen;
    this.verdict = verdict;
    this.run = plan.run();
    this.finding = plan.finding();
    this.summary = succeeded();
  }

  List<Fact> facts() {
    List<Fact> facts = new ArrayList<>();
    facts.add(accepted());
    facts.add(dataReady());
    facts.add(admitted());
    facts.add(running());
    facts.add(summary);
    facts.addAll(readiness());
    return facts;
  }

  private Fact accepted() {
    return switch (verdict) {
      case SpecVerdict.Accepted accepted ->
          fact(ConditionType.Accepted, TRUE, "Valid", "The specification can be carried out.");
      case SpecVerdict.Rejected rejected ->
          fact(ConditionType.Accepted, FALSE, rejected.reason().name(), rejected.message());
    };
  }

  private Fact succeeded() {
    return switch (finding) {
      case null -> recorded();
      case Finding.Waiting waiting ->
          fact(ConditionType.Succeeded, UNKNOWN, waiting.reason().name(), waiting.message());
      case Finding.Training training ->
          fact(ConditionType.Succeeded, UNKNOWN, Reason.Running.name(), training.message());
      case Finding.Succeeded succeeded ->
          fact(ConditionType.Succeeded, TRUE, succeeded.reason().name(), succeeded.message());
      case Finding.Failed failed ->
          fact(ConditionType.Succeeded, FALSE, failed.reason().name(), failed.message());
      // The planner answers both with a plan of its own, unless the specification is refused.
      case Finding.Retryable retryable ->
          fact(ConditionType.Succeeded, UNKNOWN, Reason.Resuming.name(), retryable.message());
      case Finding.Interrupted interrupted ->
          fact(ConditionType.Succeeded, UNKNOWN, Reason.Resuming.name(), interrupted.message());
    };
  }

  /** The outcome as it was said; put together again if an edit since then was refused. */
  private Fact recorded() {
    Reason result = run == null || run.result() == null ? Reason.Pending : run.result();
    return earlier(ConditionType.Succeeded)
        .filter(condition -> result.name().equals(condition.getReason()))
        .map(ConditionRules::same)
        .orElseGet(() ->
            fact(
                ConditionType.Succeeded,
                switch (result.outcome()) {
                  case TRUE -> TRUE;
                  case FALSE -> FALSE;
                  case UNKNOWN -> UNKNOWN;
                },
                result.name(),
                result.remedy()));
  }

  private Fact dataReady() {
    if (finding != null && finding.document().map(d -> d.dataset() != null).orElse(false)) {
      return fact(
          ConditionType.DataReady, TRUE, "Audited", "The trainer has read and audited the data.");
    }
    if (finding instanceof Finding.Failed failed && DATA_REASONS.contains(failed.reason())) {
      return fact(ConditionType.DataReady, FALSE, failed.reason().name(), failed.message());
    }
    return keptWithinRun(ConditionType.DataReady)
        .orElseGet(() ->
            fact(
                ConditionType.DataReady,
                UNKNOWN,
                "NotAudited",
                "The trainer audits the data before its first step."));
  }

  private Fact admitted() {
    if (finding instanceof Finding.Waiting(Reason reason, String message, var recheck)
        && HELD_REASONS.contains(reason)) {
      return fact(ConditionType.Admitted, FALSE, reason.name(), message);
    }
    if (run == null || (summary.status().equals(UNKNOWN) && !placed(run))) {
      return fact(
          ConditionType.Admitted, UNKNOWN, summary.reason(), "No Pod of the run has a node yet.");
    }
    return placed(run)
        ? fact(ConditionType.Admitted, TRUE, "Scheduled", "The run's Pod has a node.")
        : keptWithinRun(ConditionType.Admitted)
            .orElseGet(() ->
                fact(ConditionType.Admitted, UNKNOWN, summary.reason(), "The run's Pod is gone."));
  }

  private boolean placed(RunRecord current) {
    return attempt(current).pod().map(PodObservation::scheduled).orElse(false);
  }

  private AttemptObservation attempt(RunRecord current) {
    return seen.attempt(current.key(seen.namespace(), seen.name()));
  }

  private Fact running() {
    return finding instanceof Finding.Training
        ? fact(ConditionType.Running, TRUE, "Training", "The trainer is at work.")
        : fact(ConditionType.Running, FALSE, summary.reason(), "The trainer is not at work.");
  }

  /** As kstatus reads them: Reconciling and Stalled are there only when they are True. */
  private List<Fact> readiness() {
    if (verdict instanceof SpecVerdict.Rejected rejected) {
      return List.of(
          fact(ConditionType.Ready, FALSE, rejected.reason().name(), "See Accepted."),
          fact(ConditionType.Stalled, TRUE, rejected.reason().name(), "See Accepted."));
    }
    if (summary.status().equals(FALSE)) {
      return List.of(
          fact(ConditionType.Ready, FALSE, summary.reason(), "See Succeeded."),
          fact(ConditionType.Stalled, TRUE, summary.reason(), "See Succeeded."));
    }
    boolean inPlace =
        summary.status().equals(TRUE)
            || summary.reason().equals(Reason.Suspended.name())
            || (run != null && attempt(run).job() != null);
    return inPlace
        ? List.of(fact(ConditionType.Ready, TRUE, "Reconciled", "What is desired is in place."))
        : List.of(
            fact(ConditionType.Ready, FALSE, "Progressing", "See Succeeded."),
            fact(ConditionType.Reconciling, TRUE, "Progressing", "See Succeeded."));
  }

  private Optional<Fact> keptWithinRun(ConditionType type) {
    boolean sameRun = run != null && seen.run() != null && seen.run().number() == run.number();
    return sameRun ? earlier(type).map(ConditionRules::same) : Optional.empty();
  }

  private Optional<Condition> earlier(ConditionType type) {
    return seen.status() == null || seen.status().conditions() == null
        ? Optional.empty()
        : seen.status().conditions().stream()
            .filter(condition -> type.name().equals(condition.getType()))
            .findFirst();
  }

  private static Fact same(Condition condition) {
    return new Fact(
        condition.getType(), condition.getStatus(), condition.getReason(), condition.getMessage());
  }

  private static Fact fact(ConditionType type, String status, String reason, String message) {
    return new Fact(type.name(), status, reason, message);
  }
}
