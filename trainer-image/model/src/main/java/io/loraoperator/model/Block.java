package io.loraoperator.model;

import io.loraoperator.model.architecture.BlockShape;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import org.jspecify.annotations.Nullable;

/** One step of the decoder, from one state of its tokens to the next. */
sealed interface Block permits Residual, ParallelResidual, Reprojection {

  /** Whether anything in it is trained. */
  boolean isTrained();

  /** Takes the adapters' new values. */
  void refresh();

  /**
   * Computes the block.
   *
   * @param scope lifetime of the output and of what the backward pass needs
   * @param x [N, C], which has to live as long
   */
  Forward forward(TensorScope scope, Pass pass, Tensor x);

  /**
   * A forward pass that was done.
   *
   * @param output [N, C], C not always the input's
   * @param backward the way back
   */
  record Forward(Tensor output, Backward backward) {}

  /** The backward pass over what one forward pass kept. */
  @FunctionalInterface
  interface Backward {

    /**
     * Turns the output's gradient into the input's, adding the gradients of what is trained.
     *
     * @param scope lifetime of the result where it is not dx
     * @param dx the output's gradient, [N, C]; becomes the input's where the widths are equal
     * @param below whether anything below is trained; if not, the result is of no use
     * @return the input's gradient
     */
    Tensor apply(TensorScope scope, Tensor dx, boolean below);
  }

  /** Reads a block's weights, which live as long as the scope. */
  static Block load(
      TensorScope scope,
      ModelWeights weights,
      @Nullable AdapterParameters adapters,
      BlockShape shape) {
    return switch (shape) {
      case BlockShape.Residual r -> Residual.load(scope, weights, adapters, r);
      case BlockShape.Parallel p ->
          new ParallelResidual(
              Norm.load(scope, weights, adapters, p.norm()),
              Branch.load(scope, weights, adapters, p.attention()),
              Branch.load(scope, weights, adapters, p.mlp()));
      case BlockShape.Reprojection r ->
          new Reprojection(
              r.norm() == null ? null : Norm.load(scope, weights, adapters, r.norm()),
              new LoraLinear(scope, weights, r.projection(), adapters),
              r.addsPositions());
    };
  }
}
