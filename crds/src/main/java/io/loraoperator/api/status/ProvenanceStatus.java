package io.loraoperator.api.status;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;

/** What the adapter was made from and with. */
public record ProvenanceStatus(
    @JsonPropertyDescription("SHA-256 of the weights of the base model.") @Size(max = 64)
        String baseModelSha256,
    @JsonPropertyDescription("Image of the trainer, with its digest.") @Size(max = 512)
        String trainerImage,
    @JsonPropertyDescription("Version of the operator.") @Size(max = 64) String operatorVersion)
    implements ApiObject {}
