package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The gated MLP down(silu(gate x) * up x).
 *
 * @see <a href="https://arxiv.org/abs/2002.05202">Shazeer, 2020</a>
 */
final class SwiGlu implements Branch {

  private final LoraLinear gateUp;
  private final LoraLinear down;

  SwiGlu(LoraLinear gateUp, LoraLinear down) {
    this.gateUp = gateUp;
    this.down = down;
  }

  /**
   * What the backward pass needs. The activated channels are not among it: computing them again is
   * 1 % of a step, keeping them would be a sixth of the memory.
   *
   * @param input [N, C + room]
   * @param gateUp both projections before the activation, [N, 2 F]
   */
  private record Saved(Tensor input, Tensor gateUp) {}

  @Override
  public int room() {
    return gateUp.room();
  }

  @Override
  public boolean isTrained() {
    return gateUp.isTrained() || down.isTrained();
  }

  @Override
  public void refresh() {
    gateUp.refresh();
    down.refresh();
  }

  @Override
  public Forward forward(TensorScope scope, Pass pass, Tensor input, Tensor residual) {
    Tensor both = gateUp.forward(scope, pass, input);
    var saved = new Saved(input, both);
    try (TensorScope temporary = new TensorScope()) {
      Tensor activated = K.tensors(temporary, "swiglu", both, down.room()).getFirst();
      return new Forward(
          down.forwardAdd(scope, pass, activated, residual),
          (s, dy, inputGradient) -> backward(s, pass, saved, dy, inputGradient));
    }
  }

  private @Nullable Tensor backward(
      TensorScope scope, Pass pass, Saved saved, Tensor dy, boolean inputGradient) {
    boolean goOn = inputGradient || gateUp.isTrained();
    try (TensorScope temporary = new TensorScope()) {
      List<Tensor> again = K.tensors(temporary, "swiglu", saved.gateUp(), down.room());
      Tensor activated = again.get(0);
      down.fillRoom(pass, activated);
      Tensor dActivated = down.backward(temporary, pass, dy, activated, goOn);
      if (!goOn) {
        return null;
      }
      Tensor both =
          K.tensor(
              temporary,
              "swiglu_backward",
              Objects.requireNonNull(dActivated),
              saved.gateUp(),
              again.get(1));
      return gateUp.backward(scope, pass, both, saved.input(), inputGradient);
    }
  }
}
