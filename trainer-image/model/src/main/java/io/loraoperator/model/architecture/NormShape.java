package io.loraoperator.model.architecture;

import java.util.Map;

/**
 * A norm.
 *
 * @param path of the module ({@code model.norm})
 * @param size channels that are normed together
 * @param epsilon added to the mean square or the variance
 */
public record NormShape(Kind kind, String path, int size, double epsilon) {

  /** What a norm computes. */
  public enum Kind {
    /** x / sqrt(mean(x^2) + epsilon) * w. */
    RMS,
    /** The same with 1 + w for w. */
    RMS_ONE_PLUS,
    /** (x - mean(x)) / sqrt(var(x) + epsilon) * w + b. */
    LAYER
  }

  static NormShape layer(String path, int size, double epsilon) {
    return new NormShape(Kind.LAYER, path, size, epsilon);
  }

  /** The name of the gain. */
  public String weight() {
    return path + ".weight";
  }

  /** The name of the shift that a {@link Kind#LAYER} norm has. */
  public String bias() {
    return path + ".bias";
  }

  void tensors(Map<String, long[]> shapes) {
    shapes.put(weight(), new long[] {size});
    if (kind == Kind.LAYER) {
      shapes.put(bias(), new long[] {size});
    }
  }
}
