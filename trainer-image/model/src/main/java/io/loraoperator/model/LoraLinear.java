package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.Projection;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The linear modules of a {@link Projection} with their low-rank adapters, as one product: the
 * weight is [W | s B] with B block-diagonal, the input [x | x A^T].
 */
final class LoraLinear {

  private final Projection projection;
  // Of quantised weights a view of the buffer that all projections share.
  private final Tensor wide;
  private final List<QuantizedWeight> quantized = new ArrayList<>();
  private final @Nullable Bias bias;
  private final @Nullable LowRankAdapters adapters;
  // A in the base's precision: the parameter itself in float32.
  private final @Nullable Tensor workingA;
  private final @Nullable WeightDecomposition decomposition;

  /** Copies the members' weights from the source; tensors live as long as the scope. */
  LoraLinear(
      TensorScope scope,
      ModelWeights weights,
      Projection projection,
      @Nullable AdapterParameters parameters) {
    this.projection = projection;
    this.adapters = parameters == null ? null : LowRankAdapters.of(projection, parameters);
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
    decomposition =
        parameters != null && adapters != null && parameters.config().variant() == LoraVariant.DORA
            ? WeightDecomposition.of(scope, adapters, parameters, wide())
            : null;
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
    if (decomposition != null) {
      decomposition.refresh(wide());
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

  private void placeB(LowRankAdapters adapters) {
    long column = projection.inputs();
    for (int i = 0; i < adapters.members().size(); i++) {
      K.run(
          "refresh_lora_",
          wide,
          List.of(adapters.b().get(i)),
          adapters.rows(i),
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
    if (decomposition != null) {
      return forwardDecomposed(decomposition, scope, pass, input, residual);
    }
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

  private Tensor forwardDecomposed(
      WeightDecomposition decomposition,
      TensorScope scope,
      Pass pass,
      Tensor input,
      @Nullable Tensor residual) {
    try (TensorScope temporary = new TensorScope()) {
      List<Tensor> keep = decomposition.adapters().keep(temporary, pass);
      fillRoom(decomposition.adapters(), keep, input);
      Tensor y = decomposition.forward(scope, input, wide(), keep);
      if (bias != null) {
        K.run("add_scaled_", y, bias.working(), 1.0);
      }
      if (residual != null) {
        K.run("add_scaled_", y, residual, 1.0);
      }
      return y;
    }
  }

  /** Fills the columns behind the input's channels; {@code forward} does it, too. */
  void fillRoom(Pass pass, Tensor input) {
    if (adapters != null) {
      try (TensorScope temporary = new TensorScope()) {
        fillRoom(adapters, adapters.keep(temporary, pass), input);
      }
    }
  }

  private void fillRoom(LowRankAdapters adapters, List<Tensor> keep, Tensor input) {
    Tensor a = Objects.requireNonNull(workingA);
    if (keep.isEmpty()) {
      K.run("lora_inputs", input, a);
    } else {
      K.run("lora_inputs_dropout", input, a, keep, adapters.ranks(), adapters.keepScale());
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
      List<Tensor> keep = adapters.keep(temporary, pass);
      Tensor weight = wide();
      // The kernels know one scaling: B's gradients are scaled afterwards where the members differ.
      boolean sameScaling = adapters.sameScaling();
      double scaling = sameScaling ? adapters.scalings()[0] : 1;
      List<Tensor> bGradients =
          sameScaling ? adapters.bGradients() : zerosLike(temporary, adapters.bGradients());
      Tensor dx;
      if (keep.isEmpty()) {
        dx =
            K.tensor(
                scope,
                "lora_linear_backward",
                decomposition == null ? dy : decomposition.backward(temporary, dy, input, weight),
                input,
                weight,
                workingA,
                adapters.aGradient(),
                bGradients,
                adapters.rows(),
                adapters.ranks(),
                scaling,
                inputGradient);
      } else if (decomposition == null) {
        dx =
            K.tensor(
                scope,
                "lora_linear_backward_dropout",
                dy,
                input,
                weight,
                workingA,
                adapters.aGradient(),
                bGradients,
                adapters.rows(),
                adapters.ranks(),
                scaling,
                keep,
                adapters.keepScale());
      } else {
        dx =
            decomposition.backwardDropped(
                scope, dy, input, weight, workingA, bGradients, scaling, keep);
      }
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
}
