package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.loraoperator.api.ApiObject;

/** What is kept of the run, and where. */
public record Output(
    @JsonPropertyDescription("Where artifacts go, each run under a prefix of its own.") @Required
        Destination destination,
    @JsonPropertyDescription("Also write base model and adapter as one model.") @Default("false")
        Boolean merge,
    @JsonPropertyDescription("Also upload the adapter to the Hugging Face hub.")
        PushToHub pushToHub)
    implements ApiObject {}
