package io.loraoperator.api.status;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;

/** The newest committed checkpoint. */
public record CheckpointStatus(
    @JsonPropertyDescription("Optimizer steps done in it.") Integer step,
    @JsonPropertyDescription("Where it is.") @Size(max = 2048) String uri,
    @JsonPropertyDescription("SHA-256 of its manifest.") @Size(max = 64) String sha256,
    @JsonPropertyDescription("When it was committed.") @Size(max = 64) String time)
    implements ApiObject {}
