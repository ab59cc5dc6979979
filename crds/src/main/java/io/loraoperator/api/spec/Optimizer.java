package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** Optimizer and its constants. */
@ValidationRule(
    value = "!has(self.weightDecay) || double(self.weightDecay) <= 10.0",
    message = "weightDecay must be at least 0 and at most 10")
@ValidationRule(
    value = "!has(self.beta1) || double(self.beta1) < 1.0",
    message = "beta1 must be at least 0 and less than 1")
@ValidationRule(
    value = "!has(self.beta2) || double(self.beta2) < 1.0",
    message = "beta2 must be at least 0 and less than 1")
@ValidationRule(
    value = "!has(self.epsilon) || (double(self.epsilon) > 0.0 && double(self.epsilon) <= 1.0)",
    message = "epsilon must be greater than 0 and at most 1")
public record Optimizer(
    @JsonPropertyDescription("Optimizer.") @Default("AdamW") OptimizerType type,
    @JsonPropertyDescription("Decoupled weight decay.")
        @Default("0")
        @Pattern(Schema.DECIMAL)
        @Size(max = Schema.DECIMAL_LENGTH)
        String weightDecay,
    @JsonPropertyDescription("Decay of the mean of the gradients.")
        @Default("0.9")
        @Pattern(Schema.DECIMAL)
        @Size(max = Schema.DECIMAL_LENGTH)
        String beta1,
    @JsonPropertyDescription("Decay of the mean of the squared gradients.")
        @Default("0.999")
        @Pattern(Schema.DECIMAL)
        @Size(max = Schema.DECIMAL_LENGTH)
        String beta2,
    @JsonPropertyDescription("What is added to the denominator.")
        @Default("\"1e-8\"")
        @Pattern(Schema.DECIMAL)
        @Size(max = Schema.DECIMAL_LENGTH)
        String epsilon)
    implements ApiObject {}
