package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.Projection;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A low-rank update of the head: its logits gain B z with z = s A dropout(x), in float32. A weight
 * that is tied to the embedding stays as it is.
 *
 * @param adapters of the head alone
 */
record HeadAdapter(LowRankAdapters adapters) {

  /**
   * What the head reads beside its input in training.
   *
   * @param keep what dropout keeps of the input, [n, C] of 0 or 1; nothing without
   * @param z [n, r] float32
   * @param gradient of z; zero at first
   */
  record Input(LowRankAdapters adapters, List<Tensor> keep, Tensor z, Tensor gradient) {

    /** For the kernel of the loss: z, B and what takes their gradients. */
    List<Tensor> ofLoss() {
      return List.of(z, adapters.b().getFirst(), gradient, adapters.bGradients().getFirst());
    }

    /** Adds the gradients of A, and of x to {@code dx} [n, C]; that of z is there. */
    void backward(Tensor x, Tensor dx) {
      K.run(
          "head_low_rank_backward",
          gradient,
          x,
          adapters.a(),
          keep,
          scale(adapters, keep),
          adapters.aGradient(),
          dx);
    }
  }

  /** The adapter of the head; null if it has none. */
  static @Nullable HeadAdapter of(@Nullable AdapterParameters parameters, Projection projection) {
    LowRankAdapters adapters =
        parameters == null ? null : LowRankAdapters.of(projection, parameters);
    return adapters == null ? null : new HeadAdapter(adapters);
  }

  /** B, [V, r]. */
  Tensor b() {
    return adapters.b().getFirst();
  }

  /** z of x [n, C], without dropout. */
  Tensor input(TensorScope scope, Tensor x) {
    return z(scope, x, List.of());
  }

  /**
   * z of x in training.
   *
   * @param x [n, C], of the positions alone that have targets
   * @param positions which of the pass's N tokens they are, [n]
   */
  Input input(TensorScope scope, Pass pass, Tensor x, Tensor positions) {
    List<Tensor> keep =
        adapters.keep(scope, pass).stream()
            .map(mask -> K.tensor(scope, "gather_rows", mask, positions))
            .toList();
    Tensor z = z(scope, x, keep);
    return new Input(adapters, keep, z, scope.own(Tensor.zeros(z.dtype(), z.shape())));
  }

  private Tensor z(TensorScope scope, Tensor x, List<Tensor> keep) {
    return K.tensor(scope, "head_low_rank", x, adapters.a(), keep, scale(adapters, keep));
  }

  private static double scale(LowRankAdapters adapters, List<Tensor> keep) {
    return adapters.scalings()[0] * (keep.isEmpty() ? 1 : adapters.keepScale());
  }
}
