package io.loraoperator.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.loraoperator.api.status.DatasetStatus;
import io.loraoperator.api.status.EffectiveStatus;
import io.loraoperator.api.status.HistoryEntry;
import io.loraoperator.api.status.LoraFineTuneStatus;
import io.loraoperator.api.status.OutputStatus;
import io.loraoperator.api.status.ProvenanceStatus;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.operator.check.Finding;
import io.loraoperator.operator.check.SpecVerdict;
import io.loraoperator.operator.desired.RunPlan;
import io.loraoperator.operator.observe.AttemptObservation;
import io.loraoperator.operator.observe.PodObservation;
import io.loraoperator.operator.observe.RunObservation;
import io.loraoperator.operator.observe.RunRecord;
import io.loraoperator.operator.observe.RunRecords;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the status that the operator owns out of what it saw and plans. Nothing of the reporter's
 * is in it: each of the two applies its own fields, and a field left out of an application is
 * removed.
 */
public final class StatusProjector {

  /** Of the earlier runs, so many are kept. */
  private static final int HISTORY_LENGTH = 10;

  private final Clock clock;
  private final String operatorVersion;

  /**
   * @param clock tells when a condition changed
   * @param operatorVersion for the provenance of an adapter
   */
  public StatusProjector(Clock clock, String operatorVersion) {
    this.clock = clock;
    this.operatorVersion = operatorVersion;
  }

  /** The operator's part of the status. */
  public LoraFineTuneStatus project(RunObservation seen, SpecVerdict verdict, RunPlan plan) {
    LoraFineTuneStatus before = seen.status();
    RunRecord run = plan.run();
    boolean sameRun =
        before != null
            && before.run() != null
            && run != null
            && before.run().number().equals(run.number());
    LoraFineTuneStatus kept = sameRun ? before : null;
    Optional<ResultDocument> result =
        Optional.ofNullable(plan.finding()).flatMap(Finding::document);
    return new LoraFineTuneStatus(
        seen.generation(),
        run == null ? null : RunRecords.write(run),
        result
            .map(ResultDocument::effective)
            .map(found -> new EffectiveStatus(found.targetModules(), found.totalSteps()))
            .orElse(kept == null ? null : kept.effective()),
        null,
        null,
        result
            .map(ResultDocument::dataset)
            .map(StatusProjector::dataset)
            .orElse(kept == null ? null : kept.dataset()),
        result
            .map(ResultDocument::output)
            .map(StatusProjector::output)
            .orElse(kept == null ? null : kept.output()),
        provenance(seen, run, result, kept),
        run == null ? null : run.totals().gpuSeconds(),
        history(before, plan.superseded()),
        conditions(seen, verdict, plan));
  }

  private List<Condition> conditions(RunObservation seen, SpecVerdict verdict, RunPlan plan) {
    LoraFineTuneStatus before = seen.status();
    List<Condition> earlier =
        before == null || before.conditions() == null ? List.of() : before.conditions();
    return new Conditions(earlier, seen.generation(), clock.instant())
        .merge(new ConditionRules(seen, verdict, plan).facts());
  }

  private @Nullable ProvenanceStatus provenance(
      RunObservation seen,
      @Nullable RunRecord run,
      Optional<ResultDocument> result,
      @Nullable LoraFineTuneStatus kept) {
    if (run == null) {
      return null;
    }
    ProvenanceStatus known = kept == null ? null : kept.provenance();
    Optional<AttemptObservation> current =
        Optional.of(seen.attempt(run.key(seen.namespace(), seen.name())));
    String image =
        current
            .flatMap(AttemptObservation::pod)
            .map(PodObservation::trainerImage)
            .orElse(known == null ? null : known.trainerImage());
    String model =
        result
            .map(ResultDocument::baseModelSha256)
            .orElse(known == null ? null : known.baseModelSha256());
    // The version is that of the operator that recorded the image, not of one that came later.
    boolean changed =
        known == null
            || !Objects.equals(image, known.trainerImage())
            || !Objects.equals(model, known.baseModelSha256());
    if (image == null && model == null) {
      return null;
    }
    return changed ? new ProvenanceStatus(model, image, operatorVersion) : known;
  }

  private static DatasetStatus dataset(ResultDocument.Dataset found) {
    return new DatasetStatus(
        found.rows(),
        found.usedRows(),
        found.truncatedRows(),
        found.droppedRows(),
        found.trainedTokens(),
        found.maskedTokens(),
        found.sha256());
  }

  private static OutputStatus output(ResultDocument.Output found) {
    return new OutputStatus(
        found.adapterUri(),
        found.adapterSha256(),
        found.reportUri(),
        found.mergedModelUri(),
        found.hubUri());
  }

  private static @Nullable List<HistoryEntry> history(
      @Nullable LoraFineTuneStatus before, @Nullable HistoryEntry newest) {
    List<HistoryEntry> earlier =
        before == null || before.history() == null ? List.of() : before.history();
    if (newest == null) {
      return earlier.isEmpty() ? null : earlier;
    }
    List<HistoryEntry> entries = new ArrayList<>();
    entries.add(newest);
    entries.addAll(earlier);
    return List.copyOf(entries.subList(0, Math.min(HISTORY_LENGTH, entries.size())));
  }
}
