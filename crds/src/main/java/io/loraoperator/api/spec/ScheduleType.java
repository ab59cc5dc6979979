package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Shapes of the learning rate over the steps. */
public enum ScheduleType {
  /** The same rate at every step, from the first one on. */
  @JsonProperty("Constant")
  CONSTANT,

  /** Rises to the rate, then stays. */
  @JsonProperty("ConstantWithWarmup")
  CONSTANT_WITH_WARMUP,

  /** Rises in the warm-up, then falls to 0 in a line. */
  @JsonProperty("Linear")
  LINEAR,

  /** Rises in the warm-up, then falls to 0 along half a cosine. */
  @JsonProperty("Cosine")
  COSINE
}
