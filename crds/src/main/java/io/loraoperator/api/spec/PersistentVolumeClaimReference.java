package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** A PersistentVolumeClaim. */
public record PersistentVolumeClaimReference(
    @JsonPropertyDescription("Claim in this namespace.")
        @Required
        @Pattern(Schema.DNS_SUBDOMAIN)
        @Size(max = 253)
        String claimName)
    implements ApiObject {}
