package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.loraoperator.api.ApiObject;

/** What is learned from, and how a row becomes text. */
public record Dataset(
    @JsonPropertyDescription("Rows to train on.") @Required Rows train,
    @JsonPropertyDescription("Rows to evaluate on. Unset: nothing is evaluated.")
        Evaluation evaluation,
    @JsonPropertyDescription("How a row becomes text.") @Required Prompt prompt,
    @JsonPropertyDescription("Longest row, in tokens.") @Default("1024") @Min(8) @Max(1048576)
        Integer maxLength,
    @JsonPropertyDescription("What happens to a row longer than maxLength.") @Default("Truncate")
        Overlong overlong)
    implements ApiObject {}
