package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;

/** How a row becomes text: exactly one member is set. */
@ValidationRule(
    value =
        "[has(self.text), has(self.promptCompletion), has(self.messages), "
            + "has(self.template)].exists_one(set, set)",
    message = "set exactly one of text, promptCompletion, messages, template")
public record Prompt(
    @JsonPropertyDescription("One column holds the whole text.") TextPrompt text,
    @JsonPropertyDescription("One column holds the prompt, another one the completion.")
        PromptCompletionPrompt promptCompletion,
    @JsonPropertyDescription(
            "One column holds the messages of a chat; a column tools beside it describes functions.")
        MessagesPrompt messages,
    @JsonPropertyDescription("Templates over the columns of the row.") TemplatePrompt template)
    implements ApiObject {}
