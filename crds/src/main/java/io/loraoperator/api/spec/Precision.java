package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Element types of the frozen weights. */
public enum Precision {
  /** IEEE 754 binary32. */
  @JsonProperty("Float32")
  FLOAT32,

  /** bfloat16: the range of Float32 with 8 bits of significand. */
  @JsonProperty("BFloat16")
  BFLOAT16,

  /** IEEE 754 binary16. */
  @JsonProperty("Float16")
  FLOAT16
}
