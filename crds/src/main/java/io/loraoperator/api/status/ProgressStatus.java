package io.loraoperator.api.status;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** How far the training is. Decimals are strings. */
public record ProgressStatus(
    @JsonPropertyDescription("Run that this is about.") Integer run,
    @JsonPropertyDescription("Attempt that this is about.") Integer attempt,
    @JsonPropertyDescription("Optimizer steps done.") Integer step,
    @JsonPropertyDescription("Optimizer steps of the whole run.") Integer totalSteps,
    @JsonPropertyDescription("step/totalSteps, for the STEP column.") @Size(max = 32)
        String stepSummary,
    @JsonPropertyDescription("Part of the steps done, in percent.") Integer percentage,
    @JsonPropertyDescription("Epochs done.") @Size(max = Schema.DECIMAL_LENGTH) String epoch,
    @JsonPropertyDescription("Mean training loss since the last log line.")
        @Size(max = Schema.DECIMAL_LENGTH)
        String loss,
    @JsonPropertyDescription("Newest evaluation loss.") @Size(max = Schema.DECIMAL_LENGTH)
        String evaluationLoss,
    @JsonPropertyDescription("Learning rate of the last step.") @Size(max = Schema.DECIMAL_LENGTH)
        String learningRate,
    @JsonPropertyDescription("Norm of the gradients before clipping.")
        @Size(max = Schema.DECIMAL_LENGTH)
        String gradientNorm,
    @JsonPropertyDescription("Tokens trained on.") Long tokensSeen,
    @JsonPropertyDescription("Tokens trained on a second.") @Size(max = Schema.DECIMAL_LENGTH)
        String tokensPerSecond,
    @JsonPropertyDescription("Estimated time to the end.") Long remainingSeconds,
    @JsonPropertyDescription("remainingSeconds for people, for the REMAINING column.")
        @Size(max = 32)
        String remaining,
    @JsonPropertyDescription("When this was measured.") @Size(max = 64) String lastUpdateTime)
    implements ApiObject {}
