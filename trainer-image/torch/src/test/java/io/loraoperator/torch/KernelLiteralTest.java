package io.loraoperator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kernels against numbers worked out by hand. */
class KernelLiteralTest {

  private static final Kernels K =
      Kernels.load(
          "norm", "linear", "positions", "softcap", "attention", "mlp", "head", "optimizer");

  private final TensorScope scope = new TensorScope();

  @AfterEach
  void release() {
    scope.close();
  }

  @Test
  void rmsNormDividesByTheRootMeanSquare() {
    // mean square of (3, 4) is 12.5; with epsilon 3.5 the root is 4
    List<Tensor> y = K.tensors(scope, "rms_norm", of(1, 2, 3, 4), vector(1, 2), 3.5, 0);
    assertThat(y.get(0).toFloats()).containsExactly(0.75f, 2);
    assertThat(y.get(1).toFloats()).containsExactly(0.25f);
  }

  @Test
  void swiGluMultipliesTheActivatedGate() {
    // silu(0) = 0; silu(1) = 1 / (1 + 1/e) = 0.7310586
    assertThat(K.tensors(scope, "swiglu", of(2, 2, 0, 5, 1, 2), 0).getFirst().toFloats())
        .containsExactly(new float[] {0, 1.4621172f}, within(1e-6f));
  }

  @Test
  void rotaryTablesTurnTheFirstPairByThePosition() {
    Tensor inverse = K.tensor(scope, "inverse_frequencies", 100.0, 4, Device.CPU);
    List<Tensor> tables = K.tensors(scope, "rotary_tables", inverse, 1.0, 3, 6);
    assertThat(tables.get(0).shape()).containsExactly(3, 2);
    assertThat(tables.get(0).toFloats())
        .containsExactly(
            new float[] {
              1,
              1,
              (float) Math.cos(1),
              (float) Math.cos(0.1),
              (float) Math.cos(2),
              (float) Math.cos(0.2)
            },
            within(1e-6f));
    assertThat(tables.get(1).toFloats()[4]).isCloseTo((float) Math.sin(2), within(1e-6f));
  }

  @Test
  void causalMaskHidesWhatComesLater() {
    float hidden = Float.NEGATIVE_INFINITY;
    assertThat(K.tensor(scope, "causal_mask", 3, 0, 6, Device.CPU).toFloats())
        .containsExactly(0, hidden, hidden, 0, 0, hidden, 0, 0, 0);
  }

  @Test
  void crossEntropyOfEqualLogitsIsTheLogarithmOfTheirNumber() {
    Tensor targets = scope.own(Tensor.of(new long[] {2}, 1));
    List<Tensor> loss =
        K.tensors(
            scope,
            "cross_entropy",
            of(1, 1, 0),
            targets,
            of(4, 1, 1, 1, 1, 1),
            List.of(),
            List.of(),
            0.0,
            8,
            1.0,
            List.of(),
            List.of(),
            List.of());
    assertThat(K.number("item", loss.get(0))).isCloseTo(Math.log(4), within(1e-6));
  }

  @Test
  void adamWDecaysThenMovesByTheRateAtFirst() {
    // the first step moves by rate * g / (|g| + eps) whatever g's size; decay is rate * decay * p
    Tensor p = vector(1, -2);
    Tensor step = scope.own(Tensor.zeros(DType.FLOAT32, 1));
    K.run(
        "adamw_",
        List.of(p),
        List.of(vector(0.5f, -100)),
        List.of(vector(0, 0)),
        List.of(vector(0, 0)),
        List.of(step),
        0.1,
        0.9,
        0.999,
        1e-8,
        0.5);
    assertThat(p.toFloats()).containsExactly(new float[] {0.85f, -1.8f}, within(1e-6f));
    assertThat(step.toFloats()).containsExactly(1);
  }

  @Test
  void gradientNormIsThatOfAllTogether() {
    assertThat(K.number("gradient_norm", List.of(vector(3), vector(0, 4))))
        .isCloseTo(5, within(1e-6));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16"})
  void aLowRankProductIsTheSameInBothPrecisions(DType dtype) {
    // small integers are exact in bfloat16: x = (1, 2), W = (3, 4), A = (1, 1), B = 2, s = 0.5
    Tensor input = scope.own(Tensor.zeros(dtype, 1, 3));
    K.run("place_", input, of(1, 2, 1, 2), 0);
    Tensor wide = scope.own(Tensor.zeros(dtype, 1, 3));
    K.run("place_", wide, of(1, 2, 3, 4), 0);
    K.run("refresh_lora_", wide, List.of(of(1, 1, 2)), new long[] {0, 1}, 2, 0.5);
    Tensor a = scope.own(Tensor.zeros(dtype, 1, 2));
    a.copyFrom(of(1, 2, 1, 1));
    K.run("lora_inputs", input, a);
    Tensor y = scope.own(Tensor.zeros(DType.FLOAT32, 1, 1));
    y.copyFrom(K.tensor(scope, "linear", input, wide));
    assertThat(y.toFloats()).containsExactly(3 + 8 + 3);
  }

  private Tensor of(int rows, int columns, float... values) {
    return scope.own(Tensor.of(values, rows, columns));
  }

  private Tensor vector(float... values) {
    return scope.own(Tensor.of(values, values.length));
  }
}
