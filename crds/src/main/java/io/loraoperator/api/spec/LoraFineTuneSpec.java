package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;

/**
 * What the user asks for. Every field is a run, an attempt or a live field: a change of a run field
 * starts a new run, one of an attempt field goes on with the run in a new attempt, and one of a
 * live field touches neither.
 */
@ValidationRule(
    value =
        "!has(self.loss) || !has(self.loss.tokens) || self.loss.tokens != 'Assistant' || "
            + "has(self.dataset.prompt.messages)",
    message = "loss.tokens Assistant needs dataset.prompt.messages")
@ValidationRule(
    value =
        "!has(self.loss) || !has(self.loss.tokens) || self.loss.tokens != 'Completion' || "
            + "!has(self.dataset.prompt.messages)",
    message = "loss.tokens Completion does not fit dataset.prompt.messages: use Assistant or All")
@ValidationRule(
    value =
        "!has(self.loss) || !has(self.loss.tokens) || self.loss.tokens != 'Completion' || "
            + "!has(self.dataset.prompt.text) || has(self.loss.responseTemplate)",
    message =
        "loss.tokens Completion with dataset.prompt.text needs loss.responseTemplate, "
            + "such as '### Assistant:'; to train every token set loss.tokens to All")
@ValidationRule(
    value =
        "!has(self.loss) || !has(self.loss.responseTemplate) || " + "has(self.dataset.prompt.text)",
    message =
        "loss.responseTemplate only counts for dataset.prompt.text: leave it out, "
            + "the other prompts say what the completion is")
@ValidationRule(
    value =
        "!has(self.loss) || !has(self.loss.tokens) || self.loss.tokens != 'All' || "
            + "!has(self.loss.responseTemplate)",
    message =
        "loss.tokens All trains every token: leave out loss.responseTemplate, or use Completion")
@ValidationRule(
    value =
        "!has(self.dataset.prompt.template) || "
            + "has(self.dataset.prompt.template.completion) || (has(self.loss) && "
            + "has(self.loss.tokens) && self.loss.tokens == 'All')",
    message = "dataset.prompt.template.completion is needed unless loss.tokens is All")
@ValidationRule(
    value = "!has(self.training.evaluateEverySteps) || has(self.dataset.evaluation)",
    message = "training.evaluateEverySteps needs dataset.evaluation")
@ValidationRule(
    value = "!has(self.training.earlyStopping) || has(self.dataset.evaluation)",
    message = "training.earlyStopping needs dataset.evaluation")
public record LoraFineTuneSpec(
    @JsonPropertyDescription("The model that is tuned.") @Required BaseModel baseModel,
    @JsonPropertyDescription("What is learned from, and how a row becomes text.") @Required
        Dataset dataset,
    @JsonPropertyDescription("Which tokens the loss is taken on. Unset: as the prompt suggests.")
        Loss loss,
    @JsonPropertyDescription("The adapter.") @Default("{}") Lora lora,
    @JsonPropertyDescription("How the adapter is optimized.") @Required Training training,
    @JsonPropertyDescription("When the state of the run is saved.") @Default("{}")
        Checkpoint checkpoint,
    @JsonPropertyDescription("What is kept of the run, and where.") @Required Output output,
    @JsonPropertyDescription(
            "Prompts that the base model answers before the training and the tuned one after "
                + "it.")
        Samples samples,
    @JsonPropertyDescription("Experiment trackers.") @Default("{}") Tracking tracking,
    @JsonPropertyDescription("What the trainer asks of its node.") @Default("{}")
        Resources resources,
    @JsonPropertyDescription("Where base models and tokenized data are kept for other runs.")
        Cache cache,
    @JsonPropertyDescription("Where and when the Pod runs.") Scheduling scheduling,
    @JsonPropertyDescription("An audit of data and memory on a CPU before a GPU is taken.")
        @Default("{}")
        Preflight preflight,
    @JsonPropertyDescription(
            "Stop the run after a checkpoint and free its resources; it goes on when this is "
                + "false again.")
        @Default("false")
        Boolean suspend,
    @JsonPropertyDescription("Any new value retries a failed run from its newest checkpoint.")
        @Default("\"\"")
        @Size(max = 256)
        String restart,
    @JsonPropertyDescription("Attempts after the first one before the run has failed.")
        @Default("3")
        @Min(0)
        @Max(100)
        Integer backoffLimit,
    @JsonPropertyDescription(
            "Time that the trainer may run, summed over attempts. Unset: no limit.")
        @Min(1)
        @Max(2147483647)
        Integer activeDeadlineSeconds,
    @JsonPropertyDescription(
            "Time after which the Job and Pods of a finished run are deleted; this object and "
                + "the artifacts stay. Unset: they stay.")
        @Min(0)
        @Max(2147483647)
        Integer ttlSecondsAfterFinished)
    implements ApiObject {}
