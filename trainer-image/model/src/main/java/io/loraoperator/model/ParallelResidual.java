package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * Two branches of one norm: x + first(norm(x)) + second(norm(x)).
 *
 * @see <a href="https://github.com/kingoflolz/mesh-transformer-jax">Wang and Komatsuzaki, 2021</a>
 */
record ParallelResidual(Norm norm, Branch first, Branch second) implements Block {

  @Override
  public boolean isTrained() {
    return norm.isTrained() || first.isTrained() || second.isTrained();
  }

  @Override
  public void refresh() {
    norm.refresh();
    first.refresh();
    second.refresh();
  }

  @Override
  public Forward forward(TensorScope scope, Pass pass, Tensor x) {
    Norm.Normed input = norm.forward(scope, x, first.room());
    // Each branch has columns of its own behind the channels.
    Tensor other = K.tensor(scope, "change_room", input.output(), first.room(), second.room());
    Branch.Forward half = first.forward(scope, pass, input.output(), x);
    Branch.Forward whole = second.forward(scope, pass, other, half.output());
    return new Forward(
        whole.output(),
        (_, dx, below) -> {
          try (TensorScope temporary = new TensorScope()) {
            boolean throughNorm = below || norm.isTrained();
            Tensor dFirst = backward(temporary, first, half, dx, throughNorm);
            Tensor dSecond = backward(temporary, second, whole, dx, throughNorm);
            if (dFirst != null && dSecond != null) {
              norm.backward(K.tensor(temporary, "sum_of", dFirst, dSecond), x, input, dx);
            }
          }
          return dx;
        });
  }

  private static @Nullable Tensor backward(
      TensorScope scope, Branch branch, Branch.Forward done, Tensor dy, boolean inputGradient) {
    return inputGradient || branch.isTrained()
        ? done.backward().apply(scope, dy, inputGradient)
        : null;
  }
}
