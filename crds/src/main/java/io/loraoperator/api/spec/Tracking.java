package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.loraoperator.api.ApiObject;

/** Experiment trackers. */
public record Tracking(
    @JsonPropertyDescription("Write TensorBoard events beside the artifacts.") @Default("false")
        Boolean tensorBoard,
    @JsonPropertyDescription("Report to an MLflow server.") Mlflow mlflow)
    implements ApiObject {}
