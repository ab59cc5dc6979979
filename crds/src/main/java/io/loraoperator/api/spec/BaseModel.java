package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import java.util.List;

/** The model that is tuned. Its own weights stay frozen. */
public record BaseModel(
    @JsonPropertyDescription("Where the model comes from.") @Required ModelSource source,
    @JsonPropertyDescription(
            "Element type that the frozen weights are held and computed in. Adapters are "
                + "Float32.")
        @Default("BFloat16")
        Precision precision,
    @JsonPropertyDescription("Quantization of the frozen weights (QLoRA).") @Default("{}")
        Quantization quantization,
    @JsonPropertyDescription(
            "Implementation of attention. Auto: the fastest one for the device. Eager: the exact softmax, which Auto is on a CPU.")
        @Default("Auto")
        Attention attention,
    @JsonPropertyDescription(
            "New vocabulary entries. The tokenizer splits texts at them; their rows of embedding and "
                + "head are trained and saved with the adapter, unless spec.lora.modulesToSave trains "
                + "those in full. Rows that the model has beyond its tokenizer are used first.")
        @Size(max = 1024)
        List<@Size(min = 1, max = 128) String> addedTokens)
    implements ApiObject {}
