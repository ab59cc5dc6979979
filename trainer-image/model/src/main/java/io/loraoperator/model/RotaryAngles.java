package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.Positions.Angles;
import io.loraoperator.model.architecture.Rotary;
import io.loraoperator.model.architecture.Rotary.Scaling;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import io.loraoperator.torch.Torch;
import java.util.ArrayList;
import java.util.List;

/** Cosines and sines by position. */
final class RotaryAngles {

  private RotaryAngles() {}

  /**
   * The tables of a rotary, [length, R / 2]: one, or one for short and one for long rows; of
   * dynamic scaling that for short ones.
   */
  static List<Angles> tables(TensorScope scope, Rotary rotary, int length, DType dtype) {
    List<Angles> tables = new ArrayList<>();
    try (TensorScope temporary = new TensorScope()) {
      for (Tensor inverse : frequencies(temporary, rotary)) {
        List<Tensor> table =
            K.tensors(scope, "rotary_tables", inverse, factor(rotary), length, dtype.scalarType());
        tables.add(new Angles(table.get(0), table.get(1)));
      }
    }
    return tables;
  }

  private static double factor(Rotary rotary) {
    return switch (rotary.scaling()) {
      case Scaling.LongRope longRope -> longRope.attentionFactor();
      case Scaling.Yarn yarn -> yarn.attentionFactor();
      case Scaling.None _, Scaling.Linear _, Scaling.Dynamic _, Scaling.Llama3 _ -> 1;
    };
  }

  private static List<Tensor> frequencies(TensorScope scope, Rotary rotary) {
    return switch (rotary.scaling()) {
      case Scaling.None _, Scaling.Dynamic _ -> List.of(unscaled(scope, rotary));
      case Scaling.Linear(double factor) ->
          List.of(K.tensor(scope, "linear_frequencies", unscaled(scope, rotary), factor));
      case Scaling.Llama3(double factor, double low, double high, int original) ->
          List.of(
              K.tensor(
                  scope,
                  "llama3_frequencies",
                  unscaled(scope, rotary),
                  factor,
                  low,
                  high,
                  original));
      case Scaling.Yarn(double factor, double low, double high, _) ->
          List.of(K.tensor(scope, "yarn_frequencies", unscaled(scope, rotary), factor, low, high));
      case Scaling.LongRope longRope ->
          List.of(
              divided(scope, rotary, longRope.shortFactors()),
              divided(scope, rotary, longRope.longFactors()));
    };
  }

  private static Tensor unscaled(TensorScope scope, Rotary rotary) {
    return K.tensor(
        scope, "inverse_frequencies", rotary.theta(), rotary.channels(), Torch.device());
  }

  private static Tensor divided(TensorScope scope, Rotary rotary, List<Double> by) {
    float[] factors = new float[by.size()];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = by.get(i).floatValue();
    }
    return K.tensor(
        scope,
        "longrope_frequencies",
        rotary.theta(),
        rotary.channels(),
        scope.own(Tensor.of(factors, factors.length)));
  }
}
