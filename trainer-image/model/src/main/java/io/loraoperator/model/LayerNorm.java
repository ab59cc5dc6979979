package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;

/**
 * Layer norm.
 *
 * @param weight the gain, [C] float32
 * @param bias the shift, [C]
 * @param epsilon added to the variance
 * @see <a href="https://arxiv.org/abs/1607.06450">Ba et al., 2016</a>
 */
record LayerNorm(Tensor weight, Bias bias, double epsilon) implements Norm {

  @Override
  public Normed forward(TensorScope scope, Tensor x, int room) {
    return Normed.of(K.tensors(scope, "layer_norm", x, weight, bias.working(), epsilon, room));
  }

  @Override
  public boolean isTrained() {
    return bias.isTrained();
  }

  @Override
  public void refresh() {
    bias.refresh();
  }

  @Override
  public void backward(Tensor dy, Tensor x, Normed saved, Tensor dx) {
    Tensor mean = saved.statistics().get(0);
    Tensor reciprocalDeviation = saved.statistics().get(1);
    K.run("layer_norm_backward", dy, x, mean, reciprocalDeviation, weight, bias.working(), dx);
    bias.backward(dy);
  }
}
