package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;

/** One column holds the messages of a chat, each with role and content. */
public record MessagesPrompt(
    @JsonPropertyDescription(
            "Column with the messages: a list of objects with role and content, or with ShareGPT's from and value; in CSV the list is JSON text.")
        @Required
        @Size(min = 1, max = 253)
        String field,
    @JsonPropertyDescription("ChatML, or a Jinja chat template. Unset: the template of the model.")
        @Size(min = 1, max = 16384)
        String chatTemplate)
    implements ApiObject {}
