package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.NormShape;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A norm of each token's channels, with frozen gains. */
sealed interface Norm permits RmsNorm, LayerNorm {

  /**
   * What the forward pass gives.
   *
   * @param output [N, C + room]
   * @param statistics what the backward pass needs beside the input, [N, 1] float32 each
   */
  record Normed(Tensor output, List<Tensor> statistics) {

    static Normed of(List<Tensor> result) {
      return new Normed(result.getFirst(), result.subList(1, result.size()));
    }
  }

  /**
   * Norms each token.
   *
   * @param x [N, C]
   * @param room columns that the consumer wants behind the output, uninitialised
   */
  Normed forward(TensorScope scope, Tensor x, int room);

  /** Whether its bias is trained. */
  boolean isTrained();

  /** Takes the trained bias's new values. */
  void refresh();

  /** Adds the input's gradient to {@code dx}, and that of a trained bias; {@code dy} is [N, C]. */
  void backward(Tensor dy, Tensor x, Normed saved, Tensor dx);

  /** Reads a norm's weights, which live as long as the scope. */
  static Norm load(
      TensorScope scope,
      ModelWeights weights,
      @Nullable AdapterParameters parameters,
      NormShape shape) {
    return switch (shape.kind()) {
      case RMS -> new RmsNorm(weights.read(scope, shape.weight()), shape.epsilon());
      case RMS_ONE_PLUS -> new RmsNorm(gain(scope, weights, shape), shape.epsilon());
      case LAYER ->
          new LayerNorm(
              weights.read(scope, shape.weight(), DType.FLOAT32),
              Bias.load(scope, weights, DType.FLOAT32, parameters, List.of(shape.path())),
              shape.epsilon());
    };
  }

  /** The factor on the normed channels. 1 + w is float32: narrower it would lose most of w. */
  static Tensor gain(TensorScope scope, ModelWeights weights, NormShape shape) {
    if (shape.kind() != NormShape.Kind.RMS_ONE_PLUS) {
      return weights.read(scope, shape.weight());
    }
    Tensor gain = weights.read(scope, shape.weight(), DType.FLOAT32);
    K.run("add_one_", gain);
    return gain;
  }
}
