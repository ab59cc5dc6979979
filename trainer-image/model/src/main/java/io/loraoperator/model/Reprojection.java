package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A change of width without a residual connection: linear(norm(x)), plus learned positions.
 *
 * @param norm null without one
 */
record Reprojection(@Nullable Norm norm, LoraLinear linear, boolean addsPositions)
    implements Block {

  @Override
  public boolean isTrained() {
    return linear.isTrained() || (norm != null && norm.isTrained());
  }

  @Override
  public void refresh() {
    linear.refresh();
    if (norm != null) {
      norm.refresh();
    }
  }

  @Override
  public Forward forward(TensorScope scope, Pass pass, Tensor x) {
    Norm.@Nullable Normed normed = norm == null ? null : norm.forward(scope, x, linear.room());
    Tensor input;
    if (normed != null) {
      input = normed.output();
    } else {
      input = linear.room() == 0 ? x : K.tensor(scope, "with_room", x, linear.room());
    }
    Tensor positions = addsPositions ? pass.positions().learned() : null;
    return new Forward(
        linear.forward(scope, pass, input, positions),
        (s, dy, below) -> {
          boolean goOn = below || (norm != null && norm.isTrained());
          Tensor dInput = linear.backward(s, pass, dy, input, goOn);
          if (!goOn) {
            return dy;
          }
          Tensor given = Objects.requireNonNull(dInput);
          if (norm == null || normed == null) {
            return K.tensor(s, "compact", given);
          }
          Tensor dx = K.tensor(s, "zeros_like", x);
          norm.backward(given, x, normed, dx);
          return dx;
        });
  }
}
