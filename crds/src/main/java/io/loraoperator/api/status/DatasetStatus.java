package io.loraoperator.api.status;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;

/** What became of the rows. */
public record DatasetStatus(
    @JsonPropertyDescription("Rows read.") Long rows,
    @JsonPropertyDescription("Rows trained on.") Long usedRows,
    @JsonPropertyDescription("Rows whose end was cut off.") Long truncatedRows,
    @JsonPropertyDescription("Rows left out.") Long droppedRows,
    @JsonPropertyDescription("Tokens that the loss is taken on, in one epoch.") Long trainedTokens,
    @JsonPropertyDescription("Tokens that it is not taken on, in one epoch.") Long maskedTokens,
    @JsonPropertyDescription("SHA-256 of the data set.") @Size(max = 64) String sha256)
    implements ApiObject {}
