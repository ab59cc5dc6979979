package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import java.util.List;

/** Prompts that the base model answers before the training and the tuned one after it. */
public record Samples(
    @JsonPropertyDescription("Prompts.") @Required @Size(min = 1, max = 32)
        List<@Size(min = 1, max = 4096) String> prompts,
    @JsonPropertyDescription("Longest answer, in tokens.") @Default("64") @Min(1) @Max(4096)
        Integer maxNewTokens)
    implements ApiObject {}
