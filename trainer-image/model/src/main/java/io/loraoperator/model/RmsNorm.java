package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;

/**
 * Root mean square norm with a frozen gain.
 *
 * @param weight the gain, [C]
 * @param epsilon added to the mean square
 * @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich, 2019</a>
 */
record RmsNorm(Tensor weight, double epsilon) {

  /**
   * What the forward pass gives.
   *
   * @param output [N, C + room]
   * @param reciprocalDeviation 1 / root mean square, [N, 1] float32
   */
  record Normed(Tensor output, Tensor reciprocalDeviation) {}

  /**
   * Norms each token.
   *
   * @param x [N, C]
   * @param room columns that the consumer wants behind the output, uninitialised
   */
  Normed forward(TensorScope scope, Tensor x, int room) {
    List<Tensor> result = K.tensors(scope, "rms_norm", x, weight, epsilon, room);
    return new Normed(result.get(0), result.get(1));
  }

  /** Adds the input's gradient to {@code dx}; {@code dy} is [N, C]. */
  void backward(Tensor dy, Tensor x, Normed saved, Tensor dx) {
    K.run("rms_norm_backward", dy, x, saved.reciprocalDeviation(), weight, dx);
  }
}
