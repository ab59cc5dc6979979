package io.loraoperator.model;

import io.loraoperator.torch.DType;

/** Precision of the base weights and activations; adapters and optimizer are always float32. */
public enum Precision {
  FLOAT32(DType.FLOAT32),
  BFLOAT16(DType.BFLOAT16),
  FLOAT16(DType.FLOAT16);

  private final DType dtype;

  Precision(DType dtype) {
    this.dtype = dtype;
  }

  /** The element type of base weights and activations. */
  public DType dtype() {
    return dtype;
  }
}
