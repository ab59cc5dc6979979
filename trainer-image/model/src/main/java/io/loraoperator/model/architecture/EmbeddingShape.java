package io.loraoperator.model.architecture;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From tokens to channels.
 *
 * @param weight name of the table, [vocabulary, width]
 * @param width channels of a token
 * @param scale factor on them
 * @param positions learned positions; null without
 */
public record EmbeddingShape(
    String weight, int width, double scale, @Nullable LearnedPositions positions) {

  /**
   * A table with a row for each position.
   *
   * @param weight name of the table, [offset + count, width]
   * @param count how many positions there are
   * @param offset rows before that of the first position
   */
  public record LearnedPositions(String weight, int count, int offset, int width) {}

  /** The path of the table's module. */
  public String module() {
    return weight.substring(0, weight.lastIndexOf('.'));
  }

  void tensors(Map<String, long[]> shapes, int vocabularySize) {
    shapes.put(weight, new long[] {vocabularySize, width});
    if (positions != null) {
      shapes.put(
          positions.weight(),
          new long[] {positions.offset() + positions.count(), positions.width()});
    }
  }
}
