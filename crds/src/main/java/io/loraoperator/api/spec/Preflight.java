package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.loraoperator.api.ApiObject;

/** An audit of data and memory on a CPU before a GPU is taken. */
public record Preflight(
    @JsonPropertyDescription("Whether the audit runs.") @Default("false") Boolean enabled)
    implements ApiObject {}
