package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Forms of the low-rank update. */
public enum LoraVariant {
  /** LoRA. */
  @JsonProperty("Standard")
  STANDARD,

  /** rsLoRA: scaled by the square root of the rank. */
  @JsonProperty("RankStabilized")
  RANK_STABILIZED,

  /** Weight-decomposed low-rank adaptation. */
  @JsonProperty("DoRA")
  DORA
}
