package io.loraoperator.api.status;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;

/** The current run and attempt. */
public record RunStatus(
    @JsonPropertyDescription("Number of the run, counted from 1.") Integer number,
    @JsonPropertyDescription("Number of the attempt within the run, counted from 1.")
        Integer attempt,
    @JsonPropertyDescription("SHA-256 of the run document.") @Size(max = 64) String specHash,
    @JsonPropertyDescription("When the run began.") @Size(max = 64) String startTime,
    @JsonPropertyDescription("When the run ended.") @Size(max = 64) String completionTime,
    @JsonPropertyDescription("Job of the current attempt.") @Size(max = 63) String jobName,
    @JsonPropertyDescription("Attempts that spec.restart or a failure started.") Integer restarts,
    @JsonPropertyDescription("Attempts that went on from a checkpoint.") Integer resumes)
    implements ApiObject {}
