package io.loraoperator.model;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rotary cosines and sines by position, and the causal mask; they grow with the longest row. */
final class PositionTables implements AutoCloseable {

  private final Architecture architecture;
  private final DType dtype;
  private TensorScope scope = new TensorScope();
  private int length;
  private @Nullable Tensor cos;
  private @Nullable Tensor sin;
  private @Nullable Tensor mask;

  PositionTables(Architecture architecture, DType dtype) {
    this.architecture = architecture;
    this.dtype = dtype;
  }

  /** Makes the tables reach this many positions. Tensors handed out before become invalid. */
  void reach(int positions) {
    if (positions <= length) {
      return;
    }
    scope.close();
    scope = new TensorScope();
    length = Math.max(64, Integer.highestOneBit(positions - 1) * 2);
    List<Tensor> tables =
        BlockKernels.K.tensors(
            scope,
            "rotary_tables",
            architecture.ropeTheta(),
            architecture.headSize(),
            length,
            dtype.scalarType());
    cos = tables.get(0);
    sin = tables.get(1);
    mask = BlockKernels.K.tensor(scope, "causal_mask", length, dtype.scalarType());
  }

  /** [positions, D / 2]. */
  Tensor cos() {
    return Objects.requireNonNull(cos);
  }

  /** [positions, D / 2]. */
  Tensor sin() {
    return Objects.requireNonNull(sin);
  }

  /** [positions, positions]: 0, and -inf above the diagonal. */
  Tensor mask() {
    return Objects.requireNonNull(mask);
  }

  @Override
  public void close() {
    scope.close();
  }
}
