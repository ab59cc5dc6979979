package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
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
   * What the backward pass needs.
   *
   * @param input [N, C + room]
   * @param gateUp both projections before the activation, [N, 2 F]
   * @param activated [N, F + room]
   */
  private record Saved(Tensor input, Tensor gateUp, Tensor activated) {}

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
    Tensor activated = K.tensor(scope, "swiglu", both, down.room());
    var saved = new Saved(input, both, activated);
    return new Forward(
        down.forwardAdd(scope, pass, activated, residual),
        (s, dy, inputGradient) -> backward(s, pass, saved, dy, inputGradient));
  }

  private @Nullable Tensor backward(
      TensorScope scope, Pass pass, Saved saved, Tensor dy, boolean inputGradient) {
    boolean goOn = inputGradient || gateUp.isTrained();
    try (TensorScope temporary = new TensorScope()) {
      Tensor activated = down.backward(temporary, pass, dy, saved.activated(), goOn);
      if (!goOn) {
        return null;
      }
      Tensor both =
          K.tensor(temporary, "swiglu_backward", Objects.requireNonNull(activated), saved.gateUp());
      return gateUp.backward(scope, pass, both, saved.input(), inputGradient);
    }
  }
}
