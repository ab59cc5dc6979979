package io.loraoperator.checkpoint;

import io.loraoperator.torch.DType;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Element types by their safetensors names, in the order in which the reference writer lays tensors
 * out (last first).
 *
 * @see <a href="https://github.com/huggingface/safetensors">safetensors, {@code Dtype}</a>
 */
enum ElementType {
  BOOL(1, DType.BOOL),
  U8(1, DType.UINT8),
  I8(1, null),
  F8_E5M2(1, null),
  F8_E4M3(1, null),
  I16(2, null),
  U16(2, null),
  F16(2, DType.FLOAT16),
  BF16(2, DType.BFLOAT16),
  I32(4, DType.INT32),
  U32(4, null),
  F32(4, DType.FLOAT32),
  F64(8, null),
  I64(8, DType.INT64),
  U64(8, null);

  private static final Map<String, ElementType> BY_NAME =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(Enum::name, Function.identity()));

  private final int bytes;
  private final @Nullable DType dtype;

  ElementType(int bytes, @Nullable DType dtype) {
    this.bytes = bytes;
    this.dtype = dtype;
  }

  static @Nullable ElementType byName(String name) {
    return BY_NAME.get(name);
  }

  static ElementType of(DType dtype) {
    return switch (dtype) {
      case BOOL -> BOOL;
      case UINT8 -> U8;
      case FLOAT16 -> F16;
      case BFLOAT16 -> BF16;
      case INT32 -> I32;
      case FLOAT32 -> F32;
      case INT64 -> I64;
    };
  }

  /** PyTorch's name for it, as configurations spell it. */
  String torchName() {
    return switch (this) {
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      case F32 -> "float32";
      default -> name().toLowerCase(Locale.ROOT);
    };
  }

  int bytes() {
    return bytes;
  }

  /** The tensor type that holds these elements as they are; null where there is none. */
  @Nullable DType dtype() {
    return dtype;
  }

  boolean isFloat() {
    return this == F16 || this == BF16 || this == F32 || this == F64;
  }
}
