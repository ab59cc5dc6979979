package io.loraoperator.e2e.quickstart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A loss curve in a terminal: one column a bucket of steps, drawn with eighth blocks. */
public final class LossCurve {
  private static final String EIGHTHS = " ▁▂▃▄▅▆▇█";

  private final int width;
  private final int height;

  /**
   * A curve of that size.
   *
   * @param width columns at most
   * @param height text rows
   */
  public LossCurve(int width, int height) {
    this.width = width;
    this.height = height;
  }

  /**
   * Draws a curve.
   *
   * @param losses one value a step, in order
   * @return the rows, highest losses first, each with the value of its upper edge
   */
  public List<String> draw(List<Double> losses) {
    if (losses.isEmpty()) {
      return List.of("(no step was logged)");
    }
    double[] columns = buckets(losses);
    double top = losses.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    List<String> rows = new ArrayList<>();
    for (int row = height - 1; row >= 0; row--) {
      StringBuilder line =
          new StringBuilder(String.format(Locale.ROOT, "%7.3f │", top * (row + 1) / height));
      for (double value : columns) {
        double filled = (top == 0 ? 0 : value / top * height) - row;
        int eighths = (int) Math.round(Math.clamp(filled, 0, 1) * 8);
        line.append(EIGHTHS.charAt(eighths));
      }
      rows.add(line.toString());
    }
    rows.add("        └" + "─".repeat(columns.length));
    rows.add("         step 1 … " + losses.size());
    return rows;
  }

  /** The mean loss of each column's steps. */
  private double[] buckets(List<Double> losses) {
    int n = Math.min(width, losses.size());
    double[] means = new double[n];
    for (int column = 0; column < n; column++) {
      int from = column * losses.size() / n;
      int to = (column + 1) * losses.size() / n;
      means[column] =
          losses.subList(from, to).stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }
    return means;
  }
}
