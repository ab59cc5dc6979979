package io.loraoperator.trainer.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's {@code x[from:to:step]} on strings, by code points, and on lists. */
final class Slices {

  private Slices() {}

  static Object slice(
      @Nullable Object target,
      @Nullable Long from,
      @Nullable Long to,
      @Nullable Long step,
      Budget budget) {
    if (target instanceof String text) {
      if (step == null || step == 1) {
        budget.characters(text.length());
        return part(text, from, to);
      }
      budget.spend(text.length());
      int[] points = text.codePoints().toArray();
      StringBuilder part = new StringBuilder();
      for (int index : indices(points.length, from, to, step)) {
        part.appendCodePoint(points[index]);
      }
      return part.toString();
    }
    if (target instanceof List<?> items) {
      budget.spend(items.size());
      List<@Nullable Object> part = new ArrayList<>();
      for (int index : indices(items.size(), from, to, step)) {
        part.add(items.get(index));
      }
      return part;
    }
    if (target instanceof Undefined none) {
      throw none.used();
    }
    throw TemplateException.value(Values.typeOf(target) + " cannot be sliced");
  }

  private static String part(String text, @Nullable Long from, @Nullable Long to) {
    int length = text.codePointCount(0, text.length());
    int start = from == null ? 0 : (int) place(from, length, 0, length);
    int end = to == null ? length : (int) place(to, length, 0, length);
    int first = text.offsetByCodePoints(0, start);
    return end <= start ? "" : text.substring(first, text.offsetByCodePoints(first, end - start));
  }

  private static int[] indices(
      int length, @Nullable Long from, @Nullable Long to, @Nullable Long step) {
    long by = step == null ? 1 : step;
    if (by == 0) {
      throw TemplateException.value("the step of a slice must not be 0");
    }
    long lowest = by > 0 ? 0 : -1;
    long highest = by > 0 ? length : length - 1L;
    long start = from == null ? (by > 0 ? lowest : highest) : place(from, length, lowest, highest);
    long end = to == null ? (by > 0 ? highest : lowest) : place(to, length, lowest, highest);
    int[] indices = new int[length];
    int n = 0;
    for (long i = start; by > 0 ? i < end : i > end; i += by) {
      indices[n++] = (int) i;
    }
    return java.util.Arrays.copyOf(indices, n);
  }

  private static long place(long index, int length, long lowest, long highest) {
    return Math.clamp(index < 0 ? Math.max(index, -length - 1L) + length : index, lowest, highest);
  }
}
