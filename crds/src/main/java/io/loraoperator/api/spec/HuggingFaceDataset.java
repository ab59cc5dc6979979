package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** A data set on the Hugging Face hub. */
public record HuggingFaceDataset(
    @JsonPropertyDescription("Repository on the hub, as owner/name.")
        @Required
        @Pattern(Schema.HUB_REPOSITORY)
        @Size(max = 128)
        String repository,
    @JsonPropertyDescription(
            "Commit, tag or branch; the commit it stands for is recorded with the results. Unset: main.")
        @Size(min = 1, max = 253)
        String revision,
    @JsonPropertyDescription("Configuration (subset) of the data set. Unset: its default.")
        @Size(min = 1, max = 253)
        String config,
    @JsonPropertyDescription("Split of the data set. Unset: train.") @Size(min = 1, max = 253)
        String split,
    @JsonPropertyDescription("Secret in this namespace whose key token holds an access token.")
        @Pattern(Schema.DNS_SUBDOMAIN)
        @Size(max = 253)
        String tokenSecretName,
    @JsonPropertyDescription("Address of a mirror of the hub. Unset: https://huggingface.co.")
        @Pattern(Schema.HTTP_URL)
        @Size(max = 1024)
        String endpoint)
    implements ApiObject {}
