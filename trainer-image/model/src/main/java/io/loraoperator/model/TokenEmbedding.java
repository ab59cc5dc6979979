package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tokens to channels.
 *
 * @param weight [V, C]
 * @param adapter of the weight; null without
 * @param scale factor on a token's channels
 * @param addsPositions whether learned positions are added
 */
record TokenEmbedding(
    TrainedMatrix weight, @Nullable EmbeddingAdapter adapter, double scale, boolean addsPositions) {

  /** [N] ids to [N, C]. */
  Tensor forward(TensorScope scope, Pass pass, Tensor ids) {
    if (!addsPositions) {
      return noisy(scope, pass, ids);
    }
    try (TensorScope temporary = new TensorScope()) {
      return K.tensor(
          scope,
          "sum_of",
          noisy(temporary, pass, ids),
          Objects.requireNonNull(pass.positions().learned()));
    }
  }

  /** Whether it is trained itself. */
  boolean isTrained() {
    return weight.gradient() != null || adapter != null;
  }

  /** Adds its gradient; {@code dx} is that of its result, [N, C]. */
  void backward(Tensor dx, Tensor ids) {
    if (adapter != null) {
      adapter.backward(dx, ids, scale);
      return;
    }
    Tensor gradient = Objects.requireNonNull(weight.gradient());
    if (weight.rows() == null) {
      K.run("embed_backward", dx, ids, scale, gradient);
    } else {
      K.run("embed_rows_backward", dx, ids, scale, weight.rows().slots(), gradient);
    }
  }

  private Tensor noisy(TensorScope scope, Pass pass, Tensor ids) {
    Tensor x = K.tensor(scope, "embed", weight.working(), ids, scale);
    if (adapter != null) {
      adapter.addTo(x, ids, scale);
    }
    if (pass instanceof Pass.Packed packed && packed.noise() != null) {
      K.run("add_scaled_", x, packed.noise(), 1.0);
    }
    return x;
  }
}
