package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.loraoperator.api.ApiObject;

/** When the state of the run is saved. */
public record Checkpoint(
    @JsonPropertyDescription("Steps between two checkpoints. 0: none by steps.")
        @Default("100")
        @Min(0)
        @Max(2147483647)
        Integer everySteps,
    @JsonPropertyDescription("A checkpoint at the end of each epoch too.") @Default("false")
        Boolean everyEpoch,
    @JsonPropertyDescription(
            "Newest checkpoints that are kept, and the one that evaluated best beside them.")
        @Default("3")
        @Min(1)
        @Max(100)
        Integer keepLast,
    @JsonPropertyDescription("A checkpoint when the Pod is asked to stop.") @Default("true")
        Boolean onTermination,
    @JsonPropertyDescription(
            "Time that the Pod has to stop; the last checkpoint is written and uploaded in "
                + "it.")
        @Default("120")
        @Min(30)
        @Max(3600)
        Integer terminationGracePeriodSeconds)
    implements ApiObject {}
