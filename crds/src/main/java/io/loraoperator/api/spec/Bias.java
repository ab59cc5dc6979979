package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Biases that are trained. */
public enum Bias {
  /** None. */
  @JsonProperty("None")
  NONE,

  /** All biases of the model. */
  @JsonProperty("All")
  ALL,

  /** The biases of the adapted modules. */
  @JsonProperty("LoraOnly")
  LORA_ONLY
}
