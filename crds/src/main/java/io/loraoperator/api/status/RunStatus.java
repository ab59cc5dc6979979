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
    @JsonPropertyDescription("Attempts that went on from a checkpoint.") Integer resumes,
    @JsonPropertyDescription(
            "How the run ended: a reason of the condition Succeeded. Unset while it goes on.")
        @Size(max = 64)
        String result,
    @JsonPropertyDescription("SHA-256 of the fields that the current attempt was started with.")
        @Size(max = 64)
        String attemptHash,
    @JsonPropertyDescription("The value of spec.restart that has been answered.") @Size(max = 256)
        String restart,
    @JsonPropertyDescription("Threads that the trainer computes with, in every attempt.")
        Integer threads,
    @JsonPropertyDescription("Failures that were answered with another attempt.") Integer failures,
    @JsonPropertyDescription("Seconds that the trainer has run in earlier attempts.")
        Long activeSeconds,
    @JsonPropertyDescription("When the trainer of the current attempt began.") @Size(max = 64)
        String trainerStartTime)
    implements ApiObject {}
