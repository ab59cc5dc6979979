package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A low-rank update of the embedding: row v of the table gains s times column v of A, through B. As
 * in PEFT without dropout, and in float32.
 *
 * @param a [r, V]
 * @param b [C, r]
 * @param scaling the factor s
 */
record EmbeddingAdapter(Tensor a, Tensor aGradient, Tensor b, Tensor bGradient, double scaling) {

  /** The adapter of a table; null if it has none. */
  static @Nullable EmbeddingAdapter of(@Nullable AdapterParameters parameters, String module) {
    if (parameters == null || !parameters.layout().has(module, AdapterLayout.EMBEDDING_A)) {
      return null;
    }
    Tensor values = parameters.values();
    Tensor gradients = parameters.gradients();
    return new EmbeddingAdapter(
        parameters.matrix(values, module, AdapterLayout.EMBEDDING_A),
        parameters.matrix(gradients, module, AdapterLayout.EMBEDDING_A),
        parameters.matrix(values, module, AdapterLayout.EMBEDDING_B),
        parameters.matrix(gradients, module, AdapterLayout.EMBEDDING_B),
        parameters.layout().shape(module).scaling());
  }

  /** Adds the update of the tokens [N], times a factor, to x [N, C]. */
  void addTo(Tensor x, Tensor ids, double factor) {
    K.run("add_low_rank_rows_", x, ids, a, b, scaling * factor);
  }

  /** Adds the gradients; {@code dx} is that of x, [N, C]. */
  void backward(Tensor dx, Tensor ids, double factor) {
    K.run("low_rank_rows_backward", dx, ids, a, b, scaling * factor, aGradient, bGradient);
  }
}
