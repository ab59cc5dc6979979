package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** A small data set in a ConfigMap. */
public record ConfigMapLocation(
    @JsonPropertyDescription("ConfigMap in this namespace.")
        @Required
        @Pattern(Schema.DNS_SUBDOMAIN)
        @Size(max = 253)
        String name,
    @JsonPropertyDescription("Key whose value is the data set.")
        @Required
        @Pattern("^[-._a-zA-Z0-9]+$")
        @Size(max = 253)
        String key)
    implements ApiObject {}
