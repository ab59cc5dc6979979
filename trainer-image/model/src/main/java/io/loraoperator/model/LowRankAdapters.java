package io.loraoperator.model;

import io.loraoperator.model.architecture.Projection;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The adapters of a projection's members; every tensor is a view of the flat parameters.
 *
 * @param members those that have one
 * @param a the A of all of them, one below the other
 * @param b the B of each
 * @param rows of each one's outputs in the projection's, first and one past the last
 * @param ranks of each
 * @param scalings the factor s of each
 */
@SuppressWarnings("ArrayRecordComponent") // arguments of kernels, never compared
record LowRankAdapters(
    Projection projection,
    List<Projection.Member> members,
    Tensor a,
    Tensor aGradient,
    List<Tensor> b,
    List<Tensor> bGradients,
    long[] rows,
    long[] ranks,
    double[] scalings,
    double dropout) {

  /** The adapters of a projection; null if it has none. */
  static @Nullable LowRankAdapters of(Projection projection, AdapterParameters parameters) {
    List<Projection.Member> members = parameters.layout().adapted(projection);
    if (members.isEmpty()) {
      return null;
    }
    List<Tensor> b = new ArrayList<>();
    List<Tensor> gradients = new ArrayList<>();
    long[] rows = new long[2 * members.size()];
    long[] ranks = new long[members.size()];
    double[] scalings = new double[members.size()];
    long row = 0;
    for (Projection.Member member : projection.members()) {
      int i = members.indexOf(member);
      if (i >= 0) {
        rows[2 * i] = row;
        rows[2 * i + 1] = row + member.outputs();
        LoraShape shape = parameters.layout().shape(projection, member);
        ranks[i] = shape.rank();
        scalings[i] = shape.scaling();
        b.add(parameters.bView(parameters.values(), projection, member));
        gradients.add(parameters.bView(parameters.gradients(), projection, member));
      }
      row += member.outputs();
    }
    return new LowRankAdapters(
        projection,
        members,
        parameters.aView(parameters.values(), projection),
        parameters.aView(parameters.gradients(), projection),
        b,
        gradients,
        rows,
        ranks,
        scalings,
        parameters.config().dropout());
  }

  boolean sameScaling() {
    return Arrays.stream(scalings).allMatch(s -> s == scalings[0]);
  }

  /** The rows of one member. */
  long[] rows(int member) {
    return Arrays.copyOfRange(rows, 2 * member, 2 * member + 2);
  }

  /** What the inputs that are kept are multiplied with. */
  double keepScale() {
    return 1 / (1 - dropout);
  }

  /**
   * What each member keeps of its input, [N, C] of 0 or 1, or nothing without dropout. Drawn anew
   * in the backward pass: cheaper than keeping it.
   */
  List<Tensor> keep(TensorScope scope, Pass pass) {
    if (!(pass instanceof Pass.Packed packed) || packed.dropout() == null || dropout == 0) {
      return List.of();
    }
    StepKey step = packed.dropout();
    PackedRows packedRows = packed.rows();
    int channels = projection.inputs();
    List<Tensor> masks = new ArrayList<>();
    for (Projection.Member member : members) {
      byte[] mask = new byte[Math.multiplyExact(packedRows.tokens(), channels)];
      int offset = 0;
      for (int i = 0; i < packedRows.lengths().length; i++) {
        int length = packedRows.lengths()[i] * channels;
        long key =
            CounterRandom.key(
                step.seed(),
                step.step(),
                step.microBatch(),
                projection.layer(),
                member.module().hashCode(),
                packedRows.order()[i]);
        CounterRandom.fillKeep(mask, offset, length, dropout, key);
        offset += length;
      }
      Tensor tensor = scope.own(Tensor.empty(DType.UINT8, packedRows.tokens(), channels));
      tensor.copyFrom(MemorySegment.ofArray(mask));
      masks.add(tensor);
    }
    return masks;
  }
}
