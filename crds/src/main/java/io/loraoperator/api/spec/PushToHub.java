package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** Upload of the adapter to the Hugging Face hub. */
public record PushToHub(
    @JsonPropertyDescription("Repository on the hub, as owner/name; made if there is none.")
        @Required
        @Pattern(Schema.OWNED_HUB_REPOSITORY)
        @Size(max = 128)
        String repository,
    @JsonPropertyDescription(
            "Secret in this namespace whose key token holds an access token that may write.")
        @Required
        @Pattern(Schema.DNS_SUBDOMAIN)
        @Size(max = 253)
        String tokenSecretName,
    @JsonPropertyDescription("Address of a mirror of the hub. Unset: https://huggingface.co.")
        @Pattern(Schema.HTTP_URL)
        @Size(max = 1024)
        String endpoint,
    @JsonPropertyDescription("Whether a new repository is private.")
        @Default("true")
        @JsonProperty("private")
        Boolean isPrivate)
    implements ApiObject {}
