package io.loraoperator.torch;

/**
 * Element types of tensors, with the codes that TorchScript uses for them.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/main/c10/core/ScalarType.h">c10
 *     ScalarType</a>
 */
public enum DType {
  UINT8(0, 1),
  INT32(3, 4),
  INT64(4, 8),
  FLOAT16(5, 2),
  FLOAT32(6, 4),
  BOOL(11, 1),
  BFLOAT16(15, 2);

  private final int scalarType;
  private final int bytes;

  DType(int scalarType, int bytes) {
    this.scalarType = scalarType;
    this.bytes = bytes;
  }

  /** The {@code c10::ScalarType} code, as TorchScript passes dtypes. */
  public int scalarType() {
    return scalarType;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
