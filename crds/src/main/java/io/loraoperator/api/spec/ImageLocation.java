package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;

/** A model packed as an OCI image and mounted as an image volume. */
public record ImageLocation(
    @JsonPropertyDescription(
            "Reference of the image, best with a digest. The model's files lie at its root.")
        @Required
        @Size(min = 1, max = 512)
        String reference)
    implements ApiObject {}
