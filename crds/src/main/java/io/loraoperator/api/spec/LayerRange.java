package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;

/** A half-open range of layer numbers, counted from 0. */
@ValidationRule(
    value = "!has(self.to) || self.from < self.to",
    message = "from must be less than to")
public record LayerRange(
    @JsonPropertyDescription("First layer.") @Default("0") @Min(0) @Max(2147483647) Integer from,
    @JsonPropertyDescription("Layer after the last one. Unset: to the last layer.")
        @Min(1)
        @Max(2147483647)
        Integer to)
    implements ApiObject {}
