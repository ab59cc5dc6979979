package io.loraoperator.model.architecture;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step of a decoder, from one state of its tokens to the next. */
public sealed interface BlockShape {

  /** Its linear modules, in the order of computation. */
  List<Projection> projections();

  /** Its norms, in the order of computation. */
  List<NormShape> norms();

  /** Where a residual connection has its norm. */
  enum Placement {
    /** x + branch(norm(x)). */
    BEFORE,
    /** norm(x + branch(x)). */
    AFTER
  }

  /**
   * A residual connection.
   *
   * @param norm of its input or of its result
   * @param outputNorm of what the branch adds; null without one
   */
  record Residual(
      Placement placement, NormShape norm, BranchShape branch, @Nullable NormShape outputNorm)
      implements BlockShape {

    /** x + branch(norm(x)). */
    public Residual(NormShape norm, BranchShape branch) {
      this(Placement.BEFORE, norm, branch, null);
    }

    @Override
    public List<Projection> projections() {
      return branch.projections();
    }

    @Override
    public List<NormShape> norms() {
      return outputNorm == null ? List.of(norm) : List.of(norm, outputNorm);
    }
  }

  /** Attention and MLP side by side: x + attention(norm(x)) + mlp(norm(x)). */
  record Parallel(NormShape norm, AttentionShape attention, MlpShape mlp) implements BlockShape {

    @Override
    public List<Projection> projections() {
      return List.of(attention.input(), attention.output(), mlp.input(), mlp.output());
    }

    @Override
    public List<NormShape> norms() {
      return List.of(norm);
    }
  }

  /**
   * A change of width without a residual connection.
   *
   * @param norm of its input; null without one
   * @param addsPositions whether learned positions are added to its result
   */
  record Reprojection(@Nullable NormShape norm, Projection projection, boolean addsPositions)
      implements BlockShape {

    static Reprojection of(
        @Nullable NormShape norm,
        String root,
        String name,
        int inputs,
        int outputs,
        boolean addsPositions) {
      String parent = root.substring(0, root.length() - 1);
      var members = List.of(new Projection.Member(name, outputs));
      return new Reprojection(
          norm, new Projection(-1, parent, inputs, members, false, false), addsPositions);
    }

    @Override
    public List<Projection> projections() {
      return List.of(projection);
    }

    @Override
    public List<NormShape> norms() {
      return norm == null ? List.of() : List.of(norm);
    }
  }
}
