package io.loraoperator.checkpoint;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tensor types of GGUF files by ggml's codes, with the codec of those that can be read.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/include/ggml.h">ggml_type</a>
 */
enum GgufType {
  F32(0, BlockCodec.F32),
  F16(1, BlockCodec.F16),
  Q4_0(2, BlockCodec.Q4_0),
  Q4_1(3, BlockCodec.Q4_1),
  Q5_0(6, BlockCodec.Q5_0),
  Q5_1(7, BlockCodec.Q5_1),
  Q8_0(8, BlockCodec.Q8_0),
  Q8_1(9, null),
  Q2_K(10, BlockCodec.Q2_K),
  Q3_K(11, BlockCodec.Q3_K),
  Q4_K(12, BlockCodec.Q4_K),
  Q5_K(13, BlockCodec.Q5_K),
  Q6_K(14, BlockCodec.Q6_K),
  Q8_K(15, null),
  IQ2_XXS(16, null),
  IQ2_XS(17, null),
  IQ3_XXS(18, null),
  IQ1_S(19, null),
  IQ4_NL(20, BlockCodec.IQ4_NL),
  IQ3_S(21, null),
  IQ2_S(22, null),
  IQ4_XS(23, BlockCodec.IQ4_XS),
  I8(24, null),
  I16(25, null),
  I32(26, null),
  I64(27, null),
  F64(28, null),
  IQ1_M(29, null),
  BF16(30, BlockCodec.BF16),
  TQ1_0(34, null),
  TQ2_0(35, null),
  MXFP4(39, null);

  private static final Map<Integer, GgufType> BY_CODE =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(t -> t.code, Function.identity()));

  private final int code;
  private final @Nullable BlockCodec codec;

  GgufType(int code, @Nullable BlockCodec codec) {
    this.code = code;
    this.codec = codec;
  }

  /** The names of the types that can be read, for who is told to use one of them. */
  static String readable() {
    return Stream.of(values())
        .filter(type -> type.codec != null)
        .map(GgufType::name)
        .collect(Collectors.joining(", "));
  }

  static @Nullable GgufType byCode(int code) {
    return BY_CODE.get(code);
  }

  /** How blocks of this type become float32; null if they cannot be read. */
  @Nullable BlockCodec codec() {
    return codec;
  }
}
