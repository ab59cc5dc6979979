package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;

/** Where an adapter comes from: exactly one member is set. */
@ValidationRule(
    value =
        "[has(self.s3), has(self.persistentVolumeClaim), "
            + "has(self.huggingFace)].exists_one(set, set)",
    message = "set exactly one of s3, persistentVolumeClaim, huggingFace")
public record AdapterSource(
    @JsonPropertyDescription("In an S3-compatible store.") S3Location s3,
    @JsonPropertyDescription("In a PersistentVolumeClaim.")
        PersistentVolumeClaimLocation persistentVolumeClaim,
    @JsonPropertyDescription("On the Hugging Face hub.") HuggingFaceModel huggingFace)
    implements ApiObject {}
