package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;

/** A taint that the Pod tolerates, as in a Pod. */
@ValidationRule(
    value = "has(self.key) || (has(self.operator) && self.operator == 'Exists')",
    message = "a toleration without key needs operator Exists")
@ValidationRule(
    value = "!has(self.operator) || self.operator != 'Exists' || !has(self.value)",
    message = "a toleration with operator Exists has no value")
@ValidationRule(
    value = "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
    message = "tolerationSeconds needs effect NoExecute")
public record Toleration(
    @JsonPropertyDescription(
            "Key of the taint. Unset: every key; the operator must be Exists then.")
        @Size(max = 317)
        String key,
    @JsonPropertyDescription("How the value is compared. Unset: Equal.")
        TolerationOperator operator,
    @JsonPropertyDescription("Value of the taint.") @Size(max = 63) String value,
    @JsonPropertyDescription("Effect of the taint. Unset: every effect.") TaintEffect effect,
    @JsonPropertyDescription("Time that a NoExecute taint is tolerated. Unset: for ever.")
        @Min(0)
        @Max(2147483647)
        Long tolerationSeconds)
    implements ApiObject {}
