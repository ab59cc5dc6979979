package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the value of a taint is compared. */
public enum TolerationOperator {
  /** It must be equal. */
  @JsonProperty("Equal")
  EQUAL,

  /** Any value will do. */
  @JsonProperty("Exists")
  EXISTS
}
