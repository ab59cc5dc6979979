package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;

/** An object or a prefix in an S3-compatible store. */
public record S3Location(
    @JsonPropertyDescription("Object or prefix, as s3://bucket/path.")
        @Required
        @Pattern(Schema.S3_URI)
        @Size(max = 1024)
        String uri,
    @JsonPropertyDescription(
            "Secret in this namespace with the keys accessKeyId, secretAccessKey and, "
                + "optionally, sessionToken. Unset: the identity of the workload is used.")
        @Pattern(Schema.DNS_SUBDOMAIN)
        @Size(max = 253)
        String secretName,
    @JsonPropertyDescription("Address of the store, for stores other than Amazon S3.")
        @Pattern(Schema.HTTP_URL)
        @Size(max = 1024)
        String endpoint,
    @JsonPropertyDescription("Region that requests are signed for.")
        @Pattern("^[a-z0-9-]+$")
        @Size(max = 64)
        String region,
    @JsonPropertyDescription(
            "ConfigMap in this namespace whose key ca.crt holds the certificate authorities "
                + "to trust for the endpoint.")
        @Pattern(Schema.DNS_SUBDOMAIN)
        @Size(max = 253)
        String caConfigMapName)
    implements ApiObject {}
