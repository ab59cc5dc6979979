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
@ValidationRule(
    value = "!has(self.blockSize) || self.blockSize in [32, 64, 128, 256, 512, 1024, 2048, 4096]",
    message = "blockSize must be a power of two from 32 to 4096")
public record Quantization(
    @JsonPropertyDescription(
            "Data type of the quantized weights: those of the linear layers but the head. They are "
                + "computed with in the model's precision.")
        @Default("None")
        QuantizationType type,
    @JsonPropertyDescription("Also quantize the scales of the blocks. Unset: false.")
        Boolean doubleQuantization,
    @JsonPropertyDescription("Weights that share one scale: a power of two. Unset: 64.")
        @Min(32)
        @Max(4096)
        Integer blockSize)
    implements ApiObject {}
