package io.loraoperator.trainer.template;

import java.util.List;

/**
 * What a template makes of its values.
 *
 * @param items the parts that loop iterations over watched objects wrote, in order
 * @param generated the parts that {@code generation} blocks wrote, in order
 */
public record Rendered(String text, List<Part> items, List<Part> generated) {

  public Rendered {
    items = List.copyOf(items);
    generated = List.copyOf(generated);
  }

  /**
   * A part of the text, in UTF-16 units.
   *
   * @param index of the watched object, or of the block
   * @param start its first unit
   * @param end one past its last unit
   */
  public record Part(int index, int start, int end) {}
}
