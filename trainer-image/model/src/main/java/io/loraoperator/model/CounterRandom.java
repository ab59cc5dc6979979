package io.loraoperator.model;

/**
 * Random numbers that are a function of a key and a counter: SplitMix64 with random access. No
 * state means that resuming, batching and the order of computation change no draw.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood, 2014</a>
 */
final class CounterRandom {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final double UNIT_24_BITS = 0x1p-24;
  private static final double UNIT_53_BITS = 0x1p-53;

  private CounterRandom() {}

  /** A key from parts; every part and its place count. */
  static long key(long... parts) {
    long key = 0;
    for (long part : parts) {
      key = mix((key ^ part) + GOLDEN_GAMMA);
    }
    return key;
  }

  /** 64 random bits. */
  static long bits(long key, long counter) {
    return mix(key + counter * GOLDEN_GAMMA);
  }

  /** Fills with values uniform in [-bound, bound). */
  static void fillUniform(float[] values, double bound, long key) {
    fillUniform(values, 0, values.length, bound, key);
  }

  /** Fills a part alike. */
  static void fillUniform(float[] target, int offset, int length, double bound, long key) {
    for (int i = 0; i < length; i++) {
      double unit = (bits(key, i) >>> 40) * UNIT_24_BITS;
      target[offset + i] = (float) ((2 * unit - 1) * bound);
    }
  }

  /** Fills with values of the standard normal distribution (Box and Muller, 1958). */
  static void fillNormal(float[] values, long key) {
    for (int i = 0; i < values.length; i++) {
      // In (0, 1], for the logarithm.
      double first = ((bits(key, 2L * i) >>> 11) + 1) * UNIT_53_BITS;
      double second = (bits(key, 2L * i + 1) >>> 11) * UNIT_53_BITS;
      // By StrictMath, whose last bits are the same everywhere.
      values[i] =
          (float) (Math.sqrt(-2 * StrictMath.log(first)) * StrictMath.cos(2 * Math.PI * second));
    }
  }

  /**
   * Writes 0 with probability {@code drop} (to 1 / 65536), else 1: four draws of 16 bits from each
   * 64.
   */
  static void fillKeep(byte[] target, int offset, int length, double drop, long key) {
    int threshold = (int) Math.round(drop * 65536);
    for (int i = 0; i < length; i += 4) {
      long draws = bits(key, i >> 2);
      int end = Math.min(4, length - i);
      for (int j = 0; j < end; j++) {
        target[offset + i + j] = (byte) ((int) (draws & 0xFFFF) >= threshold ? 1 : 0);
        draws >>>= 16;
      }
    }
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
