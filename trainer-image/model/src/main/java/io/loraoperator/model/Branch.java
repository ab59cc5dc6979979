package io.loraoperator.model;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import org.jspecify.annotations.Nullable;

/** What a decoder layer adds to the residual stream: a kind of attention or of MLP. */
interface Branch {

  /** Columns that the input needs behind its channels. */
  int room();

  /** Whether anything in it is trained. */
  boolean isTrained();

  /** Takes the adapters' new values. */
  void refresh();

  /**
   * Computes the branch and adds it to the residual stream.
   *
   * @param scope lifetime of the output and of what the backward pass needs
   * @param input [N, C + room], normed
   * @param residual [N, C]
   */
  Forward forward(TensorScope scope, Pass pass, Tensor input, Tensor residual);

  /**
   * A forward pass that was done.
   *
   * @param output residual + branch, [N, C]
   * @param backward the way back
   */
  record Forward(Tensor output, Backward backward) {}

  /** The backward pass over what one forward pass kept. */
  @FunctionalInterface
  interface Backward {

    /**
     * Adds the gradients of what is trained.
     *
     * @param scope lifetime of the result
     * @param dy gradient of the branch's output, [N, C]; not changed
     * @param inputGradient whether the result is needed
     * @return gradient of the input's channels, [N, C]; null if not needed
     */
    @Nullable Tensor apply(TensorScope scope, Tensor dy, boolean inputGradient);
  }
}
