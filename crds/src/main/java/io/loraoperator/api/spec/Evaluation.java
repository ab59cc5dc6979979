package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** Rows to evaluate on: a fraction of the training rows or a source of their own. */
@ValidationRule(
    value = "[has(self.fraction), has(self.source)].exists_one(set, set)",
    message = "set exactly one of fraction, source")
@ValidationRule(
    value = "has(self.source) || (!has(self.format) && !has(self.rows))",
    message = "format and rows belong to a source; with fraction leave them out")
@ValidationRule(
    value = "!has(self.fraction) || (double(self.fraction) > 0.0 && double(self.fraction) < 1.0)",
    message = "fraction must be greater than 0 and less than 1")
public record Evaluation(
    @JsonPropertyDescription("Part of the training rows that is held out, between 0 and 1.")
        @Pattern(Schema.DECIMAL)
        @Size(max = Schema.DECIMAL_LENGTH)
        String fraction,
    @JsonPropertyDescription("Where the rows come from.") DatasetSource source,
    @JsonPropertyDescription("Format of the file of the source. Unset: by its name.")
        DatasetFormat format,
    @JsonPropertyDescription("Part of the rows of the source. Unset: all of them.") RowRange rows)
    implements ApiObject {}
