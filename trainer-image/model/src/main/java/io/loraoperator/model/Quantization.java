package io.loraoperator.model;

import java.util.Set;

/**
 * Frozen linear weights in four-bit NormalFloat, computed with in the model's precision (QLoRA).
 * Norms, embeddings and the head stay as they are.
 *
 * @param doubleQuantization whether the blocks' scales are quantised, too
 * @param blockSize weights that share a scale
 * @see <a href="https://arxiv.org/abs/2305.14314">Dettmers et al., 2023</a>
 */
public record Quantization(boolean doubleQuantization, int blockSize) {

  /** What bitsandbytes has kernels for. */
  private static final Set<Integer> BLOCK_SIZES = Set.of(32, 64, 128, 256, 512, 1024, 2048, 4096);

  /** Scales that share a scale of their own. */
  private static final int SCALES_BLOCK = 256;

  /**
   * Checks the block size.
   *
   * @throws IllegalArgumentException if bitsandbytes does not know it
   */
  public Quantization {
    if (!BLOCK_SIZES.contains(blockSize)) {
      throw new IllegalArgumentException(
          "blockSize must be a power of two from 32 to 4096, got " + blockSize);
    }
  }

  /** Bytes of a quantised matrix of so many weights. */
  long bytes(long weights) {
    long scales = Math.ceilDiv(weights, blockSize);
    long ofScales =
        doubleQuantization
            ? scales + (Math.ceilDiv(scales, SCALES_BLOCK) + 1) * Float.BYTES
            : scales * Float.BYTES;
    return Math.ceilDiv(weights, 2) + ofScales;
  }
}
