package io.loraoperator.model;

import io.loraoperator.model.architecture.AttentionShape;
import io.loraoperator.model.architecture.BranchShape;
import io.loraoperator.model.architecture.MlpShape;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import org.jspecify.annotations.Nullable;

/** What a residual connection adds: a kind of attention or of MLP. */
sealed interface Branch permits GroupedQueryAttention, Mlp {

  /** Columns that the input needs behind its channels. */
  int room();

  /** Whether anything in it is trained. */
  boolean isTrained();

  /** Takes the adapters' new values. */
  void refresh();

  /**
   * Computes the branch.
   *
   * @param scope lifetime of the output and of what the backward pass needs
   * @param input [N, C + room]; the room is filled in
   * @param residual what it is added to, [N, C]; null for the branch alone
   */
  Forward forward(TensorScope scope, Pass pass, Tensor input, @Nullable Tensor residual);

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
     * @return gradient of the input's channels, [N, C], for the caller to overwrite; null if not
     *     needed
     */
    @Nullable Tensor apply(TensorScope scope, Tensor dy, boolean inputGradient);
  }

  /** Reads a branch's weights, which live as long as the scope. */
  static Branch load(
      TensorScope scope,
      ModelWeights weights,
      @Nullable AdapterParameters adapters,
      BranchShape shape) {
    var input = new LoraLinear(scope, weights, shape.input(), adapters);
    var output = new LoraLinear(scope, weights, shape.output(), adapters);
    return switch (shape) {
      case AttentionShape attention ->
          new GroupedQueryAttention(
              attention, HeadNorm.load(scope, weights, attention), input, output);
      case MlpShape mlp -> new Mlp(mlp.activation(), input, output);
    };
  }
}
