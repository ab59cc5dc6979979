package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** What the trainer asks of its node. */
public record Resources(
    @JsonPropertyDescription("GPUs. 0: it runs on the CPU.") @Default("1") @Min(0) @Max(64)
        Integer gpus,
    @JsonPropertyDescription("Extended resource that a GPU is asked for by.")
        @Default("nvidia.com/gpu")
        @Pattern(Schema.QUALIFIED_NAME)
        @Size(max = 317)
        String gpuResourceName,
    @JsonPropertyDescription(
            "CPU cores, as a request without a limit; rounded up, the number of threads.")
        Quantity cpu,
    @JsonPropertyDescription("Memory, as request and limit.") Quantity memory,
    @JsonPropertyDescription("Disk space of the Pod, as request and limit.")
        Quantity ephemeralStorage)
    implements ApiObject {}
