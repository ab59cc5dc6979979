package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;

/** One column holds the prompt, another one the completion. */
public record PromptCompletionPrompt(
    @JsonPropertyDescription("Column with the prompt.") @Required @Size(min = 1, max = 253)
        String promptField,
    @JsonPropertyDescription("Column with the completion.") @Required @Size(min = 1, max = 253)
        String completionField)
    implements ApiObject {}
