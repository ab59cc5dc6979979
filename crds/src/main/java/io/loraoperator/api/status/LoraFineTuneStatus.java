package io.loraoperator.api.status;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.loraoperator.api.ApiObject;
import java.util.List;

/**
 * What was observed. The reporter owns progress, checkpoint and the conditions ProgressReporting,
 * Checkpointed and Resumed; the operator owns the rest.
 */
public record LoraFineTuneStatus(
    @JsonPropertyDescription("Generation of the spec that this status is about.")
        Long observedGeneration,
    @JsonPropertyDescription("The current run.") RunStatus run,
    @JsonPropertyDescription(
            "Values that were worked out because the spec leaves them to the model family or "
                + "the data.")
        EffectiveStatus effective,
    @JsonPropertyDescription("How far the training is; written by the reporter.")
        ProgressStatus progress,
    @JsonPropertyDescription("The newest committed checkpoint; written by the reporter.")
        CheckpointStatus checkpoint,
    @JsonPropertyDescription("What became of the rows.") DatasetStatus dataset,
    @JsonPropertyDescription("Artifacts of the run.") OutputStatus output,
    @JsonPropertyDescription("What the adapter was made from and with.")
        ProvenanceStatus provenance,
    @JsonPropertyDescription(
            "GPUs times the seconds that the trainer has run, summed over attempts.")
        Long gpuSeconds,
    @JsonPropertyDescription("Earlier runs, the newest first.") @Size(max = 10)
        List<HistoryEntry> history,
    @JsonPropertyDescription("Observations by type; Succeeded is the summary.") @Size(max = 16)
        List<Condition> conditions)
    implements ApiObject {}
