package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.BlockShape;
import io.loraoperator.model.architecture.BlockShape.Placement;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A residual connection: x + branch(norm(x)), or norm(x + branch(x)).
 *
 * @param placement of the norm
 * @param branch what is added
 * @param outputNorm of what is added; null without one
 */
record Residual(Placement placement, Norm norm, Branch branch, @Nullable Norm outputNorm)
    implements Block {

  static Residual load(
      TensorScope scope,
      ModelWeights weights,
      @Nullable AdapterParameters adapters,
      BlockShape.Residual shape) {
    return new Residual(
        shape.placement(),
        Norm.load(scope, weights, adapters, shape.norm()),
        Branch.load(scope, weights, adapters, shape.branch()),
        shape.outputNorm() == null
            ? null
            : Norm.load(scope, weights, adapters, shape.outputNorm()));
  }

  @Override
  public boolean isTrained() {
    return branch.isTrained() || norm.isTrained() || (outputNorm != null && outputNorm.isTrained());
  }

  @Override
  public void refresh() {
    branch.refresh();
    norm.refresh();
    if (outputNorm != null) {
      outputNorm.refresh();
    }
  }

  @Override
  public Forward forward(TensorScope scope, Pass pass, Tensor x) {
    return switch (placement) {
      case BEFORE -> forwardNormFirst(scope, pass, x);
      case AFTER -> forwardNormLast(scope, pass, x);
    };
  }

  private Forward forwardNormFirst(TensorScope scope, Pass pass, Tensor x) {
    Norm.Normed input = norm.forward(scope, x, branch.room());
    if (outputNorm == null) {
      Branch.Forward sum = branch.forward(scope, pass, input.output(), x);
      return new Forward(
          sum.output(),
          (_, dx, below) -> {
            try (TensorScope temporary = new TensorScope()) {
              backwardNormFirst(temporary, x, input, sum.backward(), dx, dx, below);
            }
            return dx;
          });
    }
    Norm outer = outputNorm;
    Branch.Forward added = branch.forward(scope, pass, input.output(), null);
    Norm.Normed normed = outer.forward(scope, added.output(), 0);
    return new Forward(
        K.tensor(scope, "sum_of", x, normed.output()),
        (_, dx, below) -> {
          try (TensorScope temporary = new TensorScope()) {
            Tensor dAdded = K.tensor(temporary, "zeros_like", dx);
            outer.backward(dx, added.output(), normed, dAdded);
            backwardNormFirst(temporary, x, input, added.backward(), dAdded, dx, below);
          }
          return dx;
        });
  }

  private void backwardNormFirst(
      TensorScope temporary,
      Tensor x,
      Norm.Normed input,
      Branch.Backward backward,
      Tensor dAdded,
      Tensor dx,
      boolean below) {
    boolean throughNorm = below || norm.isTrained();
    if (!throughNorm && !branch.isTrained()) {
      return;
    }
    Tensor dInput = backward.apply(temporary, dAdded, throughNorm);
    if (throughNorm) {
      norm.backward(Objects.requireNonNull(dInput), x, input, dx);
    }
  }

  private Forward forwardNormLast(TensorScope scope, Pass pass, Tensor x) {
    Tensor input = branch.room() == 0 ? x : K.tensor(scope, "with_room", x, branch.room());
    Branch.Forward sum = branch.forward(scope, pass, input, x);
    Norm.Normed normed = norm.forward(scope, sum.output(), 0);
    return new Forward(
        normed.output(),
        (_, dx, below) -> {
          try (TensorScope temporary = new TensorScope()) {
            Tensor dSum = K.tensor(temporary, "zeros_like", dx);
            norm.backward(dx, sum.output(), normed, dSum);
            Tensor dInput = sum.backward().apply(temporary, dSum, below);
            if (below) {
              K.run("sum_into_", dx, dSum, Objects.requireNonNull(dInput));
            }
          }
          return dx;
        });
  }
}
