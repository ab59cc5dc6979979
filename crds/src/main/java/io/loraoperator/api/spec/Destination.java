package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;

/** Where artifacts go: exactly one member is set. */
@ValidationRule(
    value = "[has(self.s3), has(self.persistentVolumeClaim)].exists_one(set, set)",
    message = "set exactly one of s3, persistentVolumeClaim")
public record Destination(
    @JsonPropertyDescription("Prefix in an S3-compatible store.") S3Location s3,
    @JsonPropertyDescription("Folder in a PersistentVolumeClaim.")
        PersistentVolumeClaimLocation persistentVolumeClaim)
    implements ApiObject {}
