package io.loraoperator.model.architecture;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From channels to logits.
 *
 * @param norm before the projection; null without
 * @param path of the projection ({@code lm_head})
 * @param width channels that it reads
 * @param tied whether its weight is the embedding's
 * @param bias whether it adds a bias
 * @param softCap c in c tanh(logit / c); 0 without
 */
public record HeadShape(
    @Nullable NormShape norm, String path, int width, boolean tied, boolean bias, double softCap) {

  /** Without bias and cap. */
  static HeadShape plain(@Nullable NormShape norm, int width, boolean tied) {
    return new HeadShape(norm, "lm_head", width, tied, false, 0);
  }

  /** The name of the weight, [vocabulary, width]. */
  public String weight() {
    return path + ".weight";
  }

  /** The name of the bias, [vocabulary]. */
  public String biasName() {
    return path + ".bias";
  }

  void tensors(Map<String, long[]> shapes, int vocabularySize) {
    if (norm != null) {
      norm.tensors(shapes);
    }
    if (!tied) {
      shapes.put(weight(), new long[] {vocabularySize, width});
    }
    if (bias) {
      shapes.put(biasName(), new long[] {vocabularySize});
    }
  }
}
