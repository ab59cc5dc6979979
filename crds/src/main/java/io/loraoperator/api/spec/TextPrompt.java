package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;

/** One column holds the whole text. */
public record TextPrompt(
    @JsonPropertyDescription("Column with the text.") @Required @Size(min = 1, max = 253)
        String field)
    implements ApiObject {}
