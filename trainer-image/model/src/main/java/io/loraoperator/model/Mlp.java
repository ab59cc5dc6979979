package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.Activation;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The MLP down(activation(up(x))), where a gated activation takes gates and values from one
 * product.
 *
 * @see <a href="https://arxiv.org/abs/2002.05202">Shazeer, 2020</a>
 */
final class Mlp implements Branch {

  private final String activation;
  private final LoraLinear up;
  private final LoraLinear down;

  Mlp(Activation activation, LoraLinear up, LoraLinear down) {
    this.activation = activation.kernel();
    this.up = up;
    this.down = down;
  }

  /**
   * What the backward pass needs. The activated channels are not among it: computing them again is
   * 1 % of a step, keeping them would be a sixth of the memory.
   *
   * @param input [N, C + room]
   * @param inner before the activation, [N, F], or [N, 2 F] where it is gated
   */
  private record Saved(Tensor input, Tensor inner) {}

  @Override
  public int room() {
    return up.room();
  }

  @Override
  public boolean isTrained() {
    return up.isTrained() || down.isTrained();
  }

  @Override
  public void refresh() {
    up.refresh();
    down.refresh();
  }

  @Override
  public Forward forward(TensorScope scope, Pass pass, Tensor input, @Nullable Tensor residual) {
    Tensor inner = up.forward(scope, pass, input, null);
    var saved = new Saved(input, inner);
    try (TensorScope temporary = new TensorScope()) {
      Tensor activated = K.tensors(temporary, activation, inner, down.room()).getFirst();
      return new Forward(
          down.forward(scope, pass, activated, residual),
          (s, dy, inputGradient) -> backward(s, pass, saved, dy, inputGradient));
    }
  }

  private @Nullable Tensor backward(
      TensorScope scope, Pass pass, Saved saved, Tensor dy, boolean inputGradient) {
    boolean goOn = inputGradient || up.isTrained();
    try (TensorScope temporary = new TensorScope()) {
      List<Tensor> again = K.tensors(temporary, activation, saved.inner(), down.room());
      Tensor activated = again.get(0);
      down.fillRoom(pass, activated);
      Tensor dActivated = down.backward(temporary, pass, dy, activated, goOn);
      if (!goOn) {
        return null;
      }
      Tensor inner =
          K.tensor(
              temporary,
              activation + "_backward",
              Objects.requireNonNull(dActivated),
              saved.inner(),
              again.get(1));
      return up.backward(scope, pass, inner, saved.input(), inputGradient);
    }
  }
}
