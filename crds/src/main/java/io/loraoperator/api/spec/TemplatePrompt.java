package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;

/** Jinja templates over the columns of the row. */
public record TemplatePrompt(
    @JsonPropertyDescription(
            "Template of the prompt; a column that is null or absent in a row is an empty text. As in chat templates, line breaks behind a block and blanks before one are left out.")
        @Required
        @Size(min = 1, max = 16384)
        String prompt,
    @JsonPropertyDescription(
            "Template of the completion. It may be left out where loss.tokens is All.")
        @Size(min = 1, max = 16384)
        String completion)
    implements ApiObject {}
