package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Data types of quantized weights. */
public enum QuantizationType {
  /** Not quantized. */
  @JsonProperty("None")
  NONE,

  /** 4-bit NormalFloat of QLoRA. */
  @JsonProperty("NF4")
  NF4
}
