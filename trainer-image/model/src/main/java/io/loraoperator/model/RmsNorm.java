package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;

/**
 * Root mean square norm.
 *
 * @param weight the gain, [C]
 * @param epsilon added to the mean square
 * @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich, 2019</a>
 */
record RmsNorm(Tensor weight, double epsilon) implements Norm {

  @Override
  public Normed forward(TensorScope scope, Tensor x, int room) {
    return Normed.of(K.tensors(scope, "rms_norm", x, weight, epsilon, room));
  }

  @Override
  public boolean isTrained() {
    return false;
  }

  @Override
  public void refresh() {}

  @Override
  public void backward(Tensor dy, Tensor x, Normed saved, Tensor dx) {
    K.run("rms_norm_backward", dy, x, saved.statistics().getFirst(), weight, dx);
  }
}
