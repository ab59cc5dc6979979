package io.loraoperator.model;

import org.jspecify.annotations.Nullable;

/** What the tokens of one forward pass are to each other. */
sealed interface Pass {

  /** Where they stand. */
  Positions positions();

  /**
   * Rows that lie one after the other.
   *
   * @param dropout what dropout is drawn from; null outside of training
   */
  record Packed(PackedRows rows, Positions positions, @Nullable StepKey dropout) implements Pass {}

  /**
   * The next tokens of one sequence whose former ones are in a cache.
   *
   * @param position of the first of these tokens
   */
  record Cached(KeyValueCache cache, int position, Positions positions) implements Pass {}
}
