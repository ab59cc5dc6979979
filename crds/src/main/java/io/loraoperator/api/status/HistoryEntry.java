package io.loraoperator.api.status;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** An earlier run. */
public record HistoryEntry(
    @JsonPropertyDescription("Number of the run.") @Required Integer number,
    @JsonPropertyDescription("SHA-256 of its run document.") @Size(max = 64) String specHash,
    @JsonPropertyDescription("How it ended: a reason of the condition Succeeded, or Superseded.")
        @Size(max = 64)
        String result,
    @JsonPropertyDescription("Last training loss.") @Size(max = Schema.DECIMAL_LENGTH)
        String finalLoss,
    @JsonPropertyDescription("Its adapter.") @Size(max = 2048) String adapterUri,
    @JsonPropertyDescription("When it ended.") @Size(max = 64) String completionTime)
    implements ApiObject {}
