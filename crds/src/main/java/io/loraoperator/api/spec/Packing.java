package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether short rows share one sequence. */
public enum Packing {
  /** Each row is a sequence of its own. */
  @JsonProperty("None")
  NONE,

  /** Rows share sequences, and do not see each other. */
  @JsonProperty("Greedy")
  GREEDY
}
