package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

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
 * The linear modules of a {@link Projection} with their low-rank adapters, as one product: the
 * weight is [W | s B] with B block-diagonal, the input [x | x A^T].
 */
final class LoraLinear {

  /** The adapters of a projection's members; every tensor is a view of the flat parameters. */
  @SuppressWarnings("ArrayRecordComponent") // arguments of kernels, never compared
  private record Adapters(
      List<Projection.Member> members,
      Tensor a,
      Tensor aGradient,
      List<Tensor> b,
      List<Tensor> bGradients,
      long[] rows,
      long[] ranks,
      double[] scalings,
      double dropout) {

    boolean sameScaling() {
      return Arrays.stream(scalings).allMatch(s -> s == scalings[0]);
    }
  }

  private final Projection projection;
  // Of quantised weights a view of the buffer that all projections share.
  private final Tensor wide;
  private final List<QuantizedWeight> quantized = new ArrayList<>();
  private final @Nullable Bias bias;
  private final @Nullable Adapters adapters;
  // A in the base's precision: the parameter itself in float32.
  private final @Nullable Tensor workingA;

  /** Copies the members' weights from the source; tensors live as long as the scope. */
  LoraLinear(
      TensorScope scope,
      ModelWeights weights,
      Projection projection,
      @Nullable AdapterParameters parameters) {
    this.projection = projection;
    this.adapters = parameters == null ? null : adapters(projection, parameters);
    DequantizationBuffer buffer = weights.buffer();
    long columns = (long) projection.inputs() + room();
    this.wide =
        buffer == null
            ? scope.own(Tensor.zeros(weights.dtype(), projection.outputs(), columns))
            : buffer.view(scope, projection.outputs(), columns);
    this.bias =
        projection.bias()
            ? Bias.load(
                scope,
                weights,
                weights.dtype(),
                parameters,
                projection.members().stream().map(projection::path).toList())
            : null;
    String place = projection.transposed() ? "place_transposed_" : "place_";
    long row = 0;
    for (Projection.Member member : projection.members()) {
      long first = row;
      weights.visit(
          projection.weight(member),
          values -> {
            if (buffer == null) {
              K.run(place, wide, values, first);
            } else {
              quantized.add(quantize(scope, buffer, values));
            }
          });
      row += member.outputs();
    }
    if (adapters == null || weights.dtype() == DType.FLOAT32) {
      workingA = adapters == null ? null : adapters.a();
    } else {
      workingA = scope.own(Tensor.empty(weights.dtype(), adapters.a().shape()));
    }
    refresh();
  }

  private QuantizedWeight quantize(TensorScope scope, DequantizationBuffer buffer, Tensor values) {
    try (TensorScope temporary = new TensorScope()) {
      return QuantizedWeight.of(
          scope,
          buffer,
          projection.transposed() ? K.tensor(temporary, "transposed", values) : values);
    }
  }

  private static @Nullable Adapters adapters(Projection projection, AdapterParameters parameters) {
    List<Projection.Member> members = parameters.adapted(projection);
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
        LoraShape shape = parameters.shape(projection, member);
        ranks[i] = shape.rank();
        scalings[i] = shape.scaling();
        b.add(parameters.bView(parameters.values(), projection, member));
        gradients.add(parameters.bView(parameters.gradients(), projection, member));
      }
      row += member.outputs();
    }
    return new Adapters(
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

  /** Columns that the input needs behind its channels: the ranks of all adapters together. */
  int room() {
    return adapters == null ? 0 : (int) adapters.a().size(0);
  }

  /** Whether any member has an adapter or a trained bias. */
  boolean isTrained() {
    return adapters != null || (bias != null && bias.isTrained());
  }

  /** Takes the new values of adapters and biases into the product. */
  void refresh() {
    if (bias != null) {
      bias.refresh();
    }
    if (adapters == null || workingA == null) {
      return;
    }
    if (quantized.isEmpty()) {
      placeB(adapters);
    }
    if (workingA != adapters.a()) {
      workingA.copyFrom(adapters.a());
    }
  }

  /** The weight [W | s B]; of quantised weights until another projection asks for its own. */
  private Tensor wide() {
    if (!quantized.isEmpty()) {
      long row = 0;
      for (QuantizedWeight weight : quantized) {
        weight.dequantize(wide, row);
        row += weight.outputs();
      }
      if (adapters != null) {
        K.run("zero_columns_", wide, projection.inputs());
        placeB(adapters);
      }
    }
    return wide;
  }

  private void placeB(Adapters adapters) {
    long column = projection.inputs();
    for (int i = 0; i < adapters.members().size(); i++) {
      long[] rows = Arrays.copyOfRange(adapters.rows(), 2 * i, 2 * i + 2);
      K.run(
          "refresh_lora_",
          wide,
          List.of(adapters.b().get(i)),
          rows,
          column,
          adapters.scalings()[i]);
      column += adapters.ranks()[i];
    }
  }

  /**
   * Computes all members.
   *
   * @param input [N, C + room]; the room is filled in
   * @param residual what the output is added to, [N, outputs]; null for the output alone
   * @return [N, outputs]
   */
  Tensor forward(TensorScope scope, Pass pass, Tensor input, @Nullable Tensor residual) {
    fillRoom(pass, input);
    if (bias == null) {
      return residual == null
          ? K.tensor(scope, "linear", input, wide())
          : K.tensor(scope, "linear_add", residual, input, wide());
    }
    return residual == null
        ? K.tensor(scope, "linear_bias", input, wide(), bias.working())
        : K.tensor(scope, "linear_bias_add", residual, input, wide(), bias.working());
  }

  /** Fills the columns behind the input's channels; {@code forward} does it, too. */
  void fillRoom(Pass pass, Tensor input) {
    if (adapters == null || workingA == null) {
      return;
    }
    try (TensorScope temporary = new TensorScope()) {
      List<Tensor> keep = keep(temporary, pass, adapters);
      if (keep.isEmpty()) {
        K.run("lora_inputs", input, workingA);
      } else {
        K.run("lora_inputs_dropout", input, workingA, keep, adapters.ranks(), keepScale(adapters));
      }
    }
  }

  /**
   * Adds the gradients of adapters and biases.
   *
   * @param dy [N, outputs]
   * @param input what the forward pass read, its room filled
   * @param inputGradient whether the result is needed
   * @return the input's gradient, [N, C], for the caller to overwrite; null if not needed
   */
  @Nullable Tensor backward(
      TensorScope scope, Pass pass, Tensor dy, Tensor input, boolean inputGradient) {
    if (bias != null) {
      bias.backward(dy);
    }
    if (adapters == null || workingA == null) {
      return inputGradient ? K.tensor(scope, "linear_backward", dy, wide()) : null;
    }
    try (TensorScope temporary = new TensorScope()) {
      List<Tensor> keep = keep(temporary, pass, adapters);
      // The kernels know one scaling: B's gradients are scaled afterwards where the members differ.
      boolean sameScaling = adapters.sameScaling();
      double scaling = sameScaling ? adapters.scalings()[0] : 1;
      List<Tensor> bGradients =
          sameScaling ? adapters.bGradients() : zerosLike(temporary, adapters.bGradients());
      Tensor dx =
          keep.isEmpty()
              ? K.tensor(
                  scope,
                  "lora_linear_backward",
                  dy,
                  input,
                  wide(),
                  workingA,
                  adapters.aGradient(),
                  bGradients,
                  adapters.rows(),
                  adapters.ranks(),
                  scaling,
                  inputGradient)
              : K.tensor(
                  scope,
                  "lora_linear_backward_dropout",
                  dy,
                  input,
                  wide(),
                  workingA,
                  adapters.aGradient(),
                  bGradients,
                  adapters.rows(),
                  adapters.ranks(),
                  scaling,
                  keep,
                  keepScale(adapters));
      for (int i = 0; !sameScaling && i < bGradients.size(); i++) {
        K.run(
            "add_scaled_", adapters.bGradients().get(i), bGradients.get(i), adapters.scalings()[i]);
      }
      return inputGradient ? dx : null;
    }
  }

  private static List<Tensor> zerosLike(TensorScope scope, List<Tensor> tensors) {
    return tensors.stream().map(t -> scope.own(Tensor.zeros(t.dtype(), t.shape()))).toList();
  }

  private static double keepScale(Adapters adapters) {
    return 1 / (1 - adapters.dropout());
  }

  /**
   * What each member keeps of its input, [N, C] of 0 or 1, or nothing without dropout. Drawn anew
   * in the backward pass: cheaper than keeping it.
   */
  private List<Tensor> keep(TensorScope scope, Pass pass, Adapters adapters) {
    if (!(pass instanceof Pass.Packed packed)
        || packed.dropout() == null
        || adapters.dropout() == 0) {
      return List.of();
    }
    StepKey step = packed.dropout();
    PackedRows rows = packed.rows();
    int channels = projection.inputs();
    List<Tensor> masks = new ArrayList<>();
    for (Projection.Member member : adapters.members()) {
      byte[] mask = new byte[Math.multiplyExact(rows.tokens(), channels)];
      int offset = 0;
      for (int i = 0; i < rows.lengths().length; i++) {
        int length = rows.lengths()[i] * channels;
        long key =
            CounterRandom.key(
                step.seed(),
                step.step(),
                step.microBatch(),
                projection.layer(),
                member.module().hashCode(),
                rows.order()[i]);
        CounterRandom.fillKeep(mask, offset, length, adapters.dropout(), key);
        offset += length;
      }
      Tensor tensor = scope.own(Tensor.empty(DType.UINT8, rows.tokens(), channels));
      tensor.copyFrom(MemorySegment.ofArray(mask));
      masks.add(tensor);
    }
    return masks;
  }
}
