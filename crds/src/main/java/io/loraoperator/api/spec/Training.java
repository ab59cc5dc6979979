package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** How the adapter is optimized. */
@ValidationRule(
    value = "[has(self.epochs), has(self.maxSteps)].exists_one(set, set)",
    message = "set exactly one of epochs, maxSteps")
@ValidationRule(
    value = "!has(self.epochs) || (double(self.epochs) > 0.0 && double(self.epochs) <= 100000.0)",
    message = "epochs must be greater than 0 and at most 100000")
@ValidationRule(
    value = "double(self.learningRate) > 0.0 && double(self.learningRate) <= 10.0",
    message = "learningRate must be greater than 0 and at most 10")
@ValidationRule(
    value = "double(self.maxGradientNorm) <= 1000000.0",
    message = "maxGradientNorm must be at most 1000000")
@ValidationRule(
    value =
        "!has(self.neftuneNoiseAlpha) || (double(self.neftuneNoiseAlpha) > 0.0 && "
            + "double(self.neftuneNoiseAlpha) <= 1000.0)",
    message =
        "neftuneNoiseAlpha must be greater than 0 and at most 1000; leave it out for " + "no noise")
public record Training(
    @JsonPropertyDescription("Passes over the training rows; fractions are allowed.")
        @Pattern(Schema.DECIMAL)
        @Size(max = Schema.DECIMAL_LENGTH)
        String epochs,
    @JsonPropertyDescription("Optimizer steps.") @Min(1) @Max(2147483647) Integer maxSteps,
    @JsonPropertyDescription("Rows of one forward and backward pass.")
        @Default("8")
        @Min(1)
        @Max(4096)
        Integer batchSize,
    @JsonPropertyDescription("Passes that make up one optimizer step.")
        @Default("1")
        @Min(1)
        @Max(4096)
        Integer gradientAccumulationSteps,
    @JsonPropertyDescription("Highest learning rate of the schedule.")
        @Default("\"2e-4\"")
        @Pattern(Schema.DECIMAL)
        @Size(max = Schema.DECIMAL_LENGTH)
        String learningRate,
    @JsonPropertyDescription("Learning rate over the steps.") @Default("{}") Schedule schedule,
    @JsonPropertyDescription("Optimizer and its constants.") @Default("{}") Optimizer optimizer,
    @JsonPropertyDescription("Norm that gradients are clipped to. 0: they are not clipped.")
        @Default("1")
        @Pattern(Schema.DECIMAL)
        @Size(max = Schema.DECIMAL_LENGTH)
        String maxGradientNorm,
    @JsonPropertyDescription("Recompute activations in the backward pass: less memory, more time.")
        @Default("false")
        Boolean gradientCheckpointing,
    @JsonPropertyDescription(
            "Multiply float32 matrices in TensorFloat-32 on a GPU: faster, with 10 bits of mantissa. "
                + "Refused where there is no GPU.")
        @Default("false")
        Boolean tf32,
    @JsonPropertyDescription("Whether short rows share one sequence.") @Default("None")
        Packing packing,
    @JsonPropertyDescription("Put rows of like length into one batch.") @Default("false")
        Boolean groupByLength,
    @JsonPropertyDescription("Shuffle the rows before each epoch.") @Default("true")
        Boolean shuffle,
    @JsonPropertyDescription(
            "Scale alpha of the noise that NEFTune adds to the input embeddings in training: uniform "
                + "within alpha / sqrt(T d), T the row's own length, d the width. Unset: no noise.")
        @Pattern(Schema.DECIMAL)
        @Size(max = Schema.DECIMAL_LENGTH)
        String neftuneNoiseAlpha,
    @JsonPropertyDescription("Seed of every random draw.") @Default("42") @Min(0) @Max(2147483647)
        Integer seed,
    @JsonPropertyDescription("Steps between two lines of the training log.")
        @Default("10")
        @Min(1)
        @Max(2147483647)
        Integer logEverySteps,
    @JsonPropertyDescription("Steps between two evaluations. Unset: at the end of each epoch.")
        @Min(1)
        @Max(2147483647)
        Integer evaluateEverySteps,
    @JsonPropertyDescription(
            "Stop when the evaluation loss no longer falls; the result is then the adapter that "
                + "evaluated best. Unset: never.")
        EarlyStopping earlyStopping)
    implements ApiObject {}
