package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.loraoperator.api.ApiObject;

/** Rows of a data set. */
public record Rows(
    @JsonPropertyDescription("Where the rows come from.") @Required DatasetSource source,
    @JsonPropertyDescription("Format of the file. Auto: by its name.") @Default("Auto")
        DatasetFormat format,
    @JsonPropertyDescription("Part of the rows, before anything else. Unset: all of them.")
        RowRange rows)
    implements ApiObject {}
