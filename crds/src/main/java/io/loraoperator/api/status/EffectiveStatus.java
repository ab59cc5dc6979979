package io.loraoperator.api.status;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import java.util.List;

/** Values that were worked out. */
public record EffectiveStatus(
    @JsonPropertyDescription("Modules that are adapted.") @Size(max = 256)
        List<@Size(max = 256) String> targetModules,
    @JsonPropertyDescription("Optimizer steps of the whole run.") Integer totalSteps)
    implements ApiObject {}
