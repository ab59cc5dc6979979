package io.loraoperator.model.architecture;

import java.util.List;

/** What a residual connection adds: a kind of attention or of MLP. */
public sealed interface BranchShape permits AttentionShape, MlpShape {

  /** The linear maps at its beginning. */
  Projection input();

  /** The linear map at its end. */
  Projection output();

  /** Its linear modules, in the order of computation. */
  default List<Projection> projections() {
    return List.of(input(), output());
  }
}
