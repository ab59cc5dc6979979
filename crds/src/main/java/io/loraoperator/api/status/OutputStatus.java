package io.loraoperator.api.status;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;

/** Artifacts of the run. */
public record OutputStatus(
    @JsonPropertyDescription("The adapter, in the layout of PEFT.") @Size(max = 2048)
        String adapterUri,
    @JsonPropertyDescription("SHA-256 of the weights of the adapter.") @Size(max = 64)
        String adapterSha256,
    @JsonPropertyDescription("The report.") @Size(max = 2048) String reportUri,
    @JsonPropertyDescription("Base model and adapter as one model.") @Size(max = 2048)
        String mergedModelUri,
    @JsonPropertyDescription(
            "The commit on the Hugging Face hub that holds the adapter, too: hf://owner/name@commit.")
        @Size(max = 2048)
        String hubUri)
    implements ApiObject {}
