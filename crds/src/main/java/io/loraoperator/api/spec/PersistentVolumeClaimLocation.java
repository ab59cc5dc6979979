package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** A folder or file in a PersistentVolumeClaim. */
@ValidationRule(
    value =
        "!has(self.path) || (!self.path.startsWith('/') && "
            + "!self.path.matches('(^|/)[.][.](/|$)'))",
    message = "path must be relative to the root of the volume and must not contain '..'")
public record PersistentVolumeClaimLocation(
    @JsonPropertyDescription("Claim in this namespace.")
        @Required
        @Pattern(Schema.DNS_SUBDOMAIN)
        @Size(max = 253)
        String claimName,
    @JsonPropertyDescription("Path inside the volume, relative to its root. Unset: the root.")
        @Size(min = 1, max = 1024)
        String path)
    implements ApiObject {}
