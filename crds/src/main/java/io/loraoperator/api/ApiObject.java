package io.loraoperator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * An object of the API as it is sent and received: unset members are left out, and members of a
 * newer schema than this one are passed over, so that an operator survives an upgrade of its CRD.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public interface ApiObject {}
