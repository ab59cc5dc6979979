package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.loraoperator.api.ApiObject;

/** Where base models and tokenized data are kept for other runs, by content hash. */
public record Cache(
    @JsonPropertyDescription("Folder in a PersistentVolumeClaim.") @Required
        PersistentVolumeClaimLocation persistentVolumeClaim)
    implements ApiObject {}
