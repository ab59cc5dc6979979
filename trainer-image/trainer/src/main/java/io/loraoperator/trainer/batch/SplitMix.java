package io.loraoperator.trainer.batch;

/**
 * SplitMix64: the same numbers on every machine and Java release, from a seed and a stream.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood, 2014</a>
 */
final class SplitMix {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /** A generator whose numbers depend on both arguments and on nothing else. */
  SplitMix(long seed, long stream) {
    this.state = mix(mix(seed + GOLDEN_GAMMA) ^ stream);
  }

  /** A number from 0 to below the bound, every one equally likely. */
  int nextInt(int bound) {
    // Lemire's multiplication, with its rejection of the few numbers that would bias it.
    long threshold = (0x1_0000_0000L - bound) % bound;
    while (true) {
      long product = (next() >>> 32) * bound;
      if ((product & 0xFFFF_FFFFL) >= threshold) {
        return (int) (product >>> 32);
      }
    }
  }

  private long next() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
