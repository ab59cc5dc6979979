package io.loraoperator.checkpoint;

/**
 * ggml's K-quants: super-blocks of 256 values in sub-blocks that each have a scale, and for 2, 4
 * and 5 bits a minimum, which are quantised themselves. Values are those of the reference, bit for
 * bit.
 *
 * @see <a href="https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/quants.py">gguf-py,
 *     quants</a>
 */
final class KQuants {

  /** Values of a super-block ({@code QK_K}). */
  static final int ELEMENTS = 256;

  /** Eight 6-bit scales and eight 6-bit minima, or sixteen 6-bit scales. */
  private static final int SCALE_BYTES = 12;

  private static final int HALF_BYTES = Short.BYTES;

  /**
   * Bytes of a {@code Q2_K} block: 16 scales and minima in nibbles, bit pairs, d, dmin (float16).
   */
  static final int Q2_BYTES = ELEMENTS / 16 + ELEMENTS / 4 + 2 * HALF_BYTES;

  /** Bytes of a {@code Q3_K} block: upper bits, lower bit pairs, 16 6-bit scales, d (float16). */
  static final int Q3_BYTES = ELEMENTS / 8 + ELEMENTS / 4 + SCALE_BYTES + HALF_BYTES;

  /** Bytes of a {@code Q4_K} block: d, dmin (float16), scales and minima, nibbles. */
  static final int Q4_BYTES = 2 * HALF_BYTES + SCALE_BYTES + ELEMENTS / 2;

  /** Bytes of a {@code Q5_K} block: as {@code Q4_K}, with the fifth bits before the nibbles. */
  static final int Q5_BYTES = Q4_BYTES + ELEMENTS / 8;

  /** Bytes of a {@code Q6_K} block: nibbles, upper bit pairs, 16 signed scales, d (float16). */
  static final int Q6_BYTES = ELEMENTS / 2 + ELEMENTS / 4 + ELEMENTS / 16 + HALF_BYTES;

  private static final int SUB_BLOCK = 32;

  /** That of 2, 3 and 6 bits. */
  private static final int SMALL_SUB_BLOCK = 16;

  private KQuants() {}

  /** 16 values: (d scale) q − dmin minimum, q of 2 bits. */
  static void decodeQ2(byte[] source, int blocks, float[] target) {
    for (int b = 0; b < blocks; b++) {
      int scales = b * Q2_BYTES;
      int pairs = scales + ELEMENTS / SMALL_SUB_BLOCK;
      float d = BlockCodec.half(source, pairs + ELEMENTS / 4);
      float dMin = BlockCodec.half(source, pairs + ELEMENTS / 4 + HALF_BYTES);
      for (int i = 0; i < ELEMENTS; i++) {
        int both = source[scales + i / SMALL_SUB_BLOCK];
        float scale = d * (both & 0xF);
        float minimum = dMin * (both >> 4 & 0xF);
        target[b * ELEMENTS + i] = scale * pair(source, pairs, i) - minimum;
      }
    }
  }

  /** 16 values: (d (scale − 32)) (q − 4), q of 3 bits. */
  static void decodeQ3(byte[] source, int blocks, float[] target) {
    for (int b = 0; b < blocks; b++) {
      int high = b * Q3_BYTES;
      int low = high + ELEMENTS / 8;
      int scales = low + ELEMENTS / 4;
      float d = BlockCodec.half(source, scales + SCALE_BYTES);
      for (int i = 0; i < ELEMENTS; i++) {
        int sub = i / SMALL_SUB_BLOCK;
        int nibble = source[scales + sub % 8] >> (4 * (sub / 8)) & 0xF;
        int upper = source[scales + 8 + sub % 4] >> (2 * (sub / 4)) & 3;
        float scale = d * ((nibble | upper << 4) - 32);
        int bit = source[high + i % 32] >> (i / 32) & 1;
        target[b * ELEMENTS + i] = scale * ((pair(source, low, i) | bit << 2) - 4);
      }
    }
  }

  /** 32 values: (d scale) q − dmin minimum, q of 4 bits. */
  static void decodeQ4(byte[] source, int blocks, float[] target) {
    for (int b = 0; b < blocks; b++) {
      decodeWithMinimum(source, b * Q4_BYTES, -1, target, b * ELEMENTS);
    }
  }

  /** 32 values: (d scale) q − dmin minimum, q of 5 bits. */
  static void decodeQ5(byte[] source, int blocks, float[] target) {
    for (int b = 0; b < blocks; b++) {
      int block = b * Q5_BYTES;
      decodeWithMinimum(source, block, block + 2 * HALF_BYTES + SCALE_BYTES, target, b * ELEMENTS);
    }
  }

  /** 16 values: (d scale) (q − 32), q of 6 bits. */
  static void decodeQ6(byte[] source, int blocks, float[] target) {
    for (int b = 0; b < blocks; b++) {
      int low = b * Q6_BYTES;
      int high = low + ELEMENTS / 2;
      int scales = high + ELEMENTS / 4;
      float d = BlockCodec.half(source, scales + ELEMENTS / SMALL_SUB_BLOCK);
      for (int i = 0; i < ELEMENTS; i++) {
        int part = i / 128;
        int nibble = source[low + part * 64 + i % 64] >> (4 * (i % 128 / 64)) & 0xF;
        float scale = d * source[scales + i / SMALL_SUB_BLOCK];
        target[b * ELEMENTS + i] = scale * ((nibble | pair(source, high, i) << 4) - 32);
      }
    }
  }

  /**
   * A block of {@code Q4_K} or {@code Q5_K}.
   *
   * @param fifthBits where the fifth bits are; negative if there are none
   */
  private static void decodeWithMinimum(
      byte[] source, int block, int fifthBits, float[] target, int to) {
    float d = BlockCodec.half(source, block);
    float dMin = BlockCodec.half(source, block + HALF_BYTES);
    int scales = block + 2 * HALF_BYTES;
    int nibbles = fifthBits < 0 ? scales + SCALE_BYTES : fifthBits + SUB_BLOCK;
    for (int sub = 0; sub < ELEMENTS / SUB_BLOCK; sub++) {
      float scale = d * scale(source, scales, sub);
      float minimum = dMin * minimum(source, scales, sub);
      for (int j = 0; j < SUB_BLOCK; j++) {
        int q = source[nibbles + sub / 2 * SUB_BLOCK + j] >> (4 * (sub % 2)) & 0xF;
        if (fifthBits >= 0) {
          q |= (source[fifthBits + j] >> sub & 1) << 4;
        }
        target[to + sub * SUB_BLOCK + j] = scale * q - minimum;
      }
    }
  }

  /** Sub-blocks 0 to 3 in 6 bits of a byte each, the others in 4 bits and the former's spare 2. */
  private static int scale(byte[] source, int scales, int sub) {
    return sub < 4
        ? source[scales + sub] & 0x3F
        : (source[scales + 4 + sub] & 0xF) | (source[scales + sub - 4] >> 2 & 0x30);
  }

  private static int minimum(byte[] source, int scales, int sub) {
    return sub < 4
        ? source[scales + 4 + sub] & 0x3F
        : (source[scales + 4 + sub] >> 4 & 0xF) | (source[scales + sub] >> 2 & 0x30);
  }

  /** Two bits of value i: a byte has those of four values, 32 from each other. */
  private static int pair(byte[] source, int pairs, int i) {
    return source[pairs + i / 128 * 32 + i % 32] >> (2 * (i % 128 / 32)) & 3;
  }
}
