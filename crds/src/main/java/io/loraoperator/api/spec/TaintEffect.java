package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Effects of taints. */
public enum TaintEffect {
  /** New Pods stay away. */
  @JsonProperty("NoSchedule")
  NO_SCHEDULE,

  /** New Pods stay away if they can. */
  @JsonProperty("PreferNoSchedule")
  PREFER_NO_SCHEDULE,

  /** Running Pods are evicted too. */
  @JsonProperty("NoExecute")
  NO_EXECUTE
}
