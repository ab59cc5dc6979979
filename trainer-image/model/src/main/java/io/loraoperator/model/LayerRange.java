package io.loraoperator.model;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Some decoder layers in a row.
 *
 * @param from the first one, counted from 0
 * @param to one past the last
 */
public record LayerRange(int from, int to) {

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException if the range is empty
   */
  public LayerRange {
    if (from < 0 || to <= from) {
      throw new IllegalArgumentException("no layers from %d to %d".formatted(from, to));
    }
  }

  boolean contains(int layer) {
    return from <= layer && layer < to;
  }

  /** The layers' numbers. */
  public List<Integer> indices() {
    return IntStream.range(from, to).boxed().toList();
  }
}
