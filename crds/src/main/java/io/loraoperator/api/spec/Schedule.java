package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** Learning rate over the steps. */
@ValidationRule(
    value = "!(has(self.warmupRatio) && has(self.warmupSteps))",
    message = "set at most one of warmupRatio, warmupSteps")
@ValidationRule(
    value =
        "!has(self.type) || self.type != 'Constant' || (!has(self.warmupRatio) && !has(self.warmupSteps))",
    message =
        "type Constant has no warm-up: use ConstantWithWarmup, or leave out "
            + "warmupRatio and warmupSteps")
@ValidationRule(
    value =
        "!has(self.warmupRatio) || (double(self.warmupRatio) >= 0.0 && "
            + "double(self.warmupRatio) <= 1.0)",
    message = "warmupRatio must be between 0 and 1")
public record Schedule(
    @JsonPropertyDescription("Shape of the schedule.") @Default("Linear") ScheduleType type,
    @JsonPropertyDescription("Part of the steps in which the rate rises from 0, between 0 and 1.")
        @Pattern(Schema.DECIMAL)
        @Size(max = Schema.DECIMAL_LENGTH)
        String warmupRatio,
    @JsonPropertyDescription("Steps in which the rate rises from 0.") @Min(0) @Max(2147483647)
        Integer warmupSteps)
    implements ApiObject {}
