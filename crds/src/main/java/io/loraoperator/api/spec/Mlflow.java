package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** An MLflow tracking server. */
public record Mlflow(
    @JsonPropertyDescription("Address of the server.")
        @Required
        @Pattern(Schema.HTTP_URL)
        @Size(max = 1024)
        String trackingUri,
    @JsonPropertyDescription("Experiment that the run is filed under. Unset: Default.")
        @Size(min = 1, max = 253)
        String experiment)
    implements ApiObject {}
