package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.loraoperator.api.ApiObject;

/** Stops a run whose evaluation loss no longer falls. */
public record EarlyStopping(
    @JsonPropertyDescription("Evaluations without a new best loss before the run stops.")
        @Required
        @Min(1)
        @Max(2147483647)
        Integer patience)
    implements ApiObject {}
