package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** Which tokens the loss is taken on. */
@ValidationRule(
    value = "!has(self.instructionTemplate) || has(self.responseTemplate)",
    message = "instructionTemplate needs responseTemplate: set both, or neither")
public record Loss(
    @JsonPropertyDescription(
            "Tokens that are trained. Unset: Assistant for messages, Completion for "
                + "promptCompletion and template; for text Completion where responseTemplate is "
                + "set, else All.")
        LossTokens tokens,
    @JsonPropertyDescription("For text: what the trained part begins after.")
        @Pattern(Schema.NOT_BLANK)
        @Size(max = 1024)
        String responseTemplate,
    @JsonPropertyDescription(
            "For text: what ends the trained part again, in a conversation of several turns.")
        @Pattern(Schema.NOT_BLANK)
        @Size(max = 1024)
        String instructionTemplate)
    implements ApiObject {}
