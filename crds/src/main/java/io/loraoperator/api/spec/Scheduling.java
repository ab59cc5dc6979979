package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.loraoperator.api.ApiObject;
import io.loraoperator.api.Schema;
import java.util.List;
import java.util.Map;

/** Where and when the Pod runs. */
public record Scheduling(
    @JsonPropertyDescription("Kueue LocalQueue in this namespace.")
        @Pattern(Schema.DNS_SUBDOMAIN)
        @Size(max = 253)
        String queueName,
    @JsonPropertyDescription("PriorityClass of the Pod.")
        @Pattern(Schema.DNS_SUBDOMAIN)
        @Size(max = 253)
        String priorityClassName,
    @JsonPropertyDescription("Labels that the node must have.") @Size(max = 32)
        Map<String, @Size(max = 63) String> nodeSelector,
    @JsonPropertyDescription("Taints that the Pod tolerates.") @Size(max = 32)
        List<Toleration> tolerations,
    @JsonPropertyDescription("RuntimeClass of the Pod.")
        @Pattern(Schema.DNS_SUBDOMAIN)
        @Size(max = 253)
        String runtimeClassName)
    implements ApiObject {}
