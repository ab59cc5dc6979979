package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;

/** Quantization of the frozen weights. */
@ValidationRule(
    value =
        "(has(self.type) && self.type != 'None') || (!has(self.doubleQuantization) && !has(self.blockSize))",
    message = "doubleQuantization and blockSize need type NF4")
public record Quantization(
    @JsonPropertyDescription("Data type of the quantized weights.") @Default("None")
        QuantizationType type,
    @JsonPropertyDescription("Also quantize the scales of the blocks. Unset: false.")
        Boolean doubleQuantization,
    @JsonPropertyDescription("Weights that share one scale. Unset: 64.") @Min(16) @Max(4096)
        Integer blockSize)
    implements ApiObject {}
