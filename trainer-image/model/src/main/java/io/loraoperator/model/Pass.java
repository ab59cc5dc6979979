package io.loraoperator.model;

import io.loraoperator.torch.Tensor;
import org.jspecify.annotations.Nullable;

/** What the tokens of one forward pass are to each other. */
sealed interface Pass {

  /** Where they stand. */
  Positions positions();

  /**
   * Rows that lie one after the other.
   *
   * @param dropout what dropout is drawn from; null outside of training
   * @param noise what is added to the embeddings, [N, C] float32; null without
   */
  record Packed(
      PackedRows rows, Positions positions, @Nullable StepKey dropout, @Nullable Tensor noise)
      implements Pass {}

  /**
   * The next tokens of one sequence whose former ones are in a cache.
   *
   * @param position of the first of these tokens
   */
  record Cached(KeyValueCache cache, int position, Positions positions) implements Pass {}
}
