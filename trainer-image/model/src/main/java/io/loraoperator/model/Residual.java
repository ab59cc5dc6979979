package io.loraoperator.model;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.Objects;

/**
 * A pre-norm residual connection: x + branch(norm(x)).
 *
 * @param norm before the branch
 * @param branch what is added
 */
record Residual(RmsNorm norm, Branch branch) {

  /**
   * A forward pass that was done.
   *
   * @param output [N, C]
   * @param backward the way back
   */
  record Forward(Tensor output, Backward backward) {}

  /** The backward pass over what one forward pass kept. */
  @FunctionalInterface
  interface Backward {

    /**
     * Turns the output's gradient into the input's, adding the gradients of what is trained.
     *
     * @param dx the output's gradient, [N, C]; becomes the input's
     * @param below whether anything below is trained; if not, dx is left as it is
     */
    void apply(Tensor dx, boolean below);
  }

  /**
   * Computes the connection.
   *
   * @param scope lifetime of the output and of what the backward pass needs
   * @param x [N, C], which has to live as long
   */
  Forward forward(TensorScope scope, Pass pass, Tensor x) {
    RmsNorm.Normed normed = norm.forward(scope, x, branch.room());
    Branch.Forward added = branch.forward(scope, pass, normed.output(), x);
    return new Forward(
        added.output(), (dx, below) -> backward(x, normed, added.backward(), dx, below));
  }

  private void backward(
      Tensor x, RmsNorm.Normed normed, Branch.Backward backward, Tensor dx, boolean below) {
    if (!below && !branch.isTrained()) {
      return;
    }
    try (TensorScope temporary = new TensorScope()) {
      Tensor dNormed = backward.apply(temporary, dx, below);
      if (below) {
        norm.backward(Objects.requireNonNull(dNormed), x, normed, dx);
      }
    }
  }
}
