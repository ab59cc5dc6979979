package io.loraoperator.checkpoint;

/**
 * ggml's non-linear types of 4 bits, which llama.cpp takes in mixes of 2 and 3 bits, too: a nibble
 * is the number of a level. Values are those of the reference, bit for bit.
 *
 * @see <a href="https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/quants.py">gguf-py,
 *     quants</a>
 */
final class NonLinearQuants {

  /** The levels ({@code kvalues_iq4nl}): closer together near 0, where most weights are. */
  private static final byte[] LEVELS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private static final int HALF_BYTES = Short.BYTES;

  /** Values of an {@code IQ4_NL} block, and of a sub-block of {@code IQ4_XS}. */
  static final int SMALL_ELEMENTS = 32;

  /** Bytes of an {@code IQ4_NL} block: d (float16), nibbles. */
  static final int SMALL_BYTES = HALF_BYTES + SMALL_ELEMENTS / 2;

  /** Values of an {@code IQ4_XS} super-block. */
  static final int ELEMENTS = KQuants.ELEMENTS;

  private static final int SUB_BLOCKS = ELEMENTS / SMALL_ELEMENTS;

  /** Bytes of an {@code IQ4_XS} block: d (float16), upper and lower bits of 8 scales, nibbles. */
  static final int BYTES = HALF_BYTES + SUB_BLOCKS / 4 + SUB_BLOCKS / 2 + ELEMENTS / 2;

  private NonLinearQuants() {}

  /** 32 values: d level. */
  static void decodeSmall(byte[] source, int blocks, float[] target) {
    for (int b = 0; b < blocks; b++) {
      int block = b * SMALL_BYTES;
      decode(
          source, block + HALF_BYTES, BlockCodec.half(source, block), target, b * SMALL_ELEMENTS);
    }
  }

  /** 32 values: (d (scale − 32)) level, scales of 6 bits. */
  static void decodeSuper(byte[] source, int blocks, float[] target) {
    for (int b = 0; b < blocks; b++) {
      int high = b * BYTES + HALF_BYTES;
      int low = high + SUB_BLOCKS / 4;
      int nibbles = low + SUB_BLOCKS / 2;
      float d = BlockCodec.half(source, b * BYTES);
      for (int sub = 0; sub < SUB_BLOCKS; sub++) {
        int lower = source[low + sub / 2] >> (4 * (sub % 2)) & 0xF;
        int upper = source[high + sub / 4] >> (2 * (sub % 4)) & 3;
        float scale = d * ((lower | upper << 4) - 32);
        int to = b * ELEMENTS + sub * SMALL_ELEMENTS;
        decode(source, nibbles + sub * SMALL_ELEMENTS / 2, scale, target, to);
      }
    }
  }

  /** 32 values: the lower nibbles of 16 bytes, then the upper ones. */
  private static void decode(byte[] source, int nibbles, float scale, float[] target, int to) {
    for (int i = 0; i < SMALL_ELEMENTS / 2; i++) {
      int pair = source[nibbles + i];
      target[to + i] = scale * LEVELS[pair & 0xF];
      target[to + SMALL_ELEMENTS / 2 + i] = scale * LEVELS[pair >> 4 & 0xF];
    }
  }
}
