package io.loraoperator.model;

import io.loraoperator.torch.Tensor;
import org.jspecify.annotations.Nullable;

/** What the tokens of one forward pass are to each other. */
sealed interface Pass {

  /**
   * Rows that lie one after the other.
   *
   * @param cos cosines of each token's position, [N, 1, D / 2]
   * @param sin sines, likewise
   * @param mask causal mask, at least as wide as the longest row
   * @param dropout what dropout is drawn from; null outside of training
   */
  record Packed(PackedRows rows, Tensor cos, Tensor sin, Tensor mask, @Nullable StepKey dropout)
      implements Pass {}

  /**
   * The next tokens of one sequence whose former ones are in a cache.
   *
   * @param position of the first of these tokens
   * @param cos cosines by position, [positions, D / 2]
   * @param sin sines, likewise
   * @param mask causal mask, at least as wide as the sequence
   */
  record Cached(KeyValueCache cache, int position, Tensor cos, Tensor sin, Tensor mask)
      implements Pass {}
}
