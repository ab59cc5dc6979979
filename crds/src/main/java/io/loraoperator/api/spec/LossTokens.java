package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Tokens that the loss is taken on. */
public enum LossTokens {
  /** The completion and the end of the sequence. */
  @JsonProperty("Completion")
  COMPLETION,

  /** Every message of the assistant. */
  @JsonProperty("Assistant")
  ASSISTANT,

  /** Every token but padding. */
  @JsonProperty("All")
  ALL
}
