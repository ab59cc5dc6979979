package io.loraoperator.model;

/** Which biases are trained beside the adapters, as PEFT's {@code bias}. */
public enum BiasMode {
  NONE,
  /** Every bias of the model, those of norms included. */
  ALL,
  /** Those of the adapted modules. */
  LORA_ONLY
}
