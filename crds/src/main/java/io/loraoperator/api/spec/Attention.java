package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Implementations of attention. */
public enum Attention {
  /** The fastest one for the device. */
  @JsonProperty("Auto")
  AUTO,

  /** PyTorch's scaled dot product attention. */
  @JsonProperty("Sdpa")
  SDPA,

  /** Plain matrix products and a softmax. */
  @JsonProperty("Eager")
  EAGER
}
