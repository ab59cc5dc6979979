package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Optimizers. */
public enum OptimizerType {
  /** Adam with decoupled weight decay. */
  @JsonProperty("AdamW")
  ADAMW
}
