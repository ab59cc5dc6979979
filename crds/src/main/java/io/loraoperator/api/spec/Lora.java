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
import java.util.List;
import java.util.Map;

/** Low-rank adaptation: W x becomes W x + s B A x with A and B trained. */
@ValidationRule(
    value = "!has(self.dropout) || double(self.dropout) < 1.0",
    message = "dropout must be at least 0 and less than 1")
public record Lora(
    @JsonPropertyDescription("Rank of the update: rows of A and columns of B.")
        @Default("16")
        @Min(1)
        @Max(1024)
        Integer rank,
    @JsonPropertyDescription(
            "Scale of the update: s = alpha / rank, or alpha / sqrt(rank) for RankStabilized.")
        @Default("32")
        @Min(1)
        @Max(65536)
        Integer alpha,
    @JsonPropertyDescription(
            "Probability that an input of A is dropped, at least 0 and less than 1.")
        @Default("0")
        @Pattern(Schema.DECIMAL)
        @Size(max = Schema.DECIMAL_LENGTH)
        String dropout,
    @JsonPropertyDescription(
            "Names or suffixes of the modules to adapt, embedding (embed_tokens, wte) and head "
                + "(lm_head) among them, or all-linear. Unset: the default of the model family, "
                + "shown in status.effective.")
        @Size(max = 64)
        List<@Size(min = 1, max = 256) String> targetModules,
    @JsonPropertyDescription("Names or suffixes of modules not to adapt.") @Size(max = 64)
        List<@Size(min = 1, max = 256) String> excludeModules,
    @JsonPropertyDescription(
            "Layers whose modules are adapted. Unset: all of them. A target that is a module's "
                + "whole path is adapted in any case, as in PEFT.")
        LayerRange layers,
    @JsonPropertyDescription(
            "Ranks of single modules. A key is a regular expression that matches a module's path "
                + "(model.layers.0.self_attn.q_proj) or its end after a dot (q_proj).")
        @Size(max = 64)
        Map<String, @Min(1) @Max(1024) Integer> rankPattern,
    @JsonPropertyDescription("Alphas of single modules, with keys as in rankPattern.")
        @Size(max = 64)
        Map<String, @Min(1) @Max(65536) Integer> alphaPattern,
    @JsonPropertyDescription(
            "Biases that are trained too, as PEFT's bias: All of the model, norms included, or "
                + "those of the adapted modules. In float32 beside the base model's precision; "
                + "weightDecay leaves them alone.")
        @Default("None")
        Bias bias,
    @JsonPropertyDescription(
            "Form of the update: LoRA, rsLoRA, or DoRA, which trains the norms of the weights' rows "
                + "apart from their directions.")
        @Default("Standard")
        LoraVariant variant,
    @JsonPropertyDescription(
            "Modules trained in full and saved with the adapter: embed_tokens, lm_head. Where the "
                + "model ties them, either stands for both.")
        @Size(max = 16)
        List<@Size(min = 1, max = 256) String> modulesToSave,
    @JsonPropertyDescription("An existing PEFT adapter to go on from.")
        AdapterSource initialAdapter)
    implements ApiObject {}
