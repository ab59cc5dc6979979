package io.loraoperator.checkpoint;

/** Which biases an adapter trains beside its matrices: {@code bias} in PEFT's configuration. */
public enum PeftBias {
  NONE("none"),
  /** Every bias of the model. */
  ALL("all"),
  /** Those of the adapted modules. */
  LORA_ONLY("lora_only");

  private final String peftName;

  PeftBias(String peftName) {
    this.peftName = peftName;
  }

  /** The value in {@code adapter_config.json}. */
  public String peftName() {
    return peftName;
  }

  /** Whether a tensor of the adapter is such a bias. */
  boolean saves(String tensor) {
    return switch (this) {
      case NONE -> false;
      case ALL -> tensor.endsWith(".bias");
      case LORA_ONLY -> tensor.endsWith(".base_layer.bias");
    };
  }
}
