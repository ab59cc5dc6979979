package io.loraoperator.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The backward passes of DoRA against autograd over what PEFT computes. */
class DecompositionGradientTest extends AutogradComparison {

  private static final int N = 7;
  private static final int C = 10;
  private static final long[] RANKS = {2, 3};
  private static final long[] ROWS = {0, 4, 4, 7};
  private static final double S = 1.5;

  DecompositionGradientTest() {
    super(20261122);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ofTwoMembers(boolean dropout) {
    Tensor x = normal(N, C);
    Tensor dy = normal(N, 7);
    List<Tensor> w = List.of(normal(4, C), normal(3, C));
    List<Tensor> a = List.of(normal(2, C), normal(3, C));
    List<Tensor> b = List.of(normal(4, 2), normal(3, 3));
    List<Tensor> m = List.of(normal(4), normal(3));
    List<Tensor> keep = List.of(mask(dropout, N, C), mask(dropout, N, C));
    double keepScale = dropout ? 1 / 0.75 : 1;
    List<Tensor> expected =
        REFERENCE.tensors(scope, "dora_reference", x, w, a, b, m, keep, S, keepScale, dy);

    Tensor stackedA = zeros(5, C);
    Tensor wide = zeros(7, C + 5);
    for (int i = 0; i < 2; i++) {
      K.run("place_", stackedA, a.get(i), 2 * i);
      K.run("place_", wide, w.get(i), ROWS[2 * i]);
    }
    K.run("refresh_lora_", wide, b, ROWS, C, S);
    Tensor norms = zeros(7);
    Tensor factors = zeros(7);
    K.run("row_norms_", norms, wide, stackedA, ROWS, RANKS);
    K.run("row_factors_", factors, m, norms, ROWS);
    Tensor input = zeros(N, C + 5);
    K.run("place_", input, x, 0);
    if (dropout) {
      K.run("lora_inputs_dropout", input, stackedA, keep, RANKS, keepScale);
    } else {
      K.run("lora_inputs", input, stackedA);
    }
    List<Tensor> kept = dropout ? keep : List.of();
    same(
        K.tensor(scope, "decomposed_linear", input, wide, C, factors, kept, ROWS, keepScale)
            .toFloats(),
        expected.get(0));

    Tensor da = zeros(5, C);
    List<Tensor> db = List.of(zeros(4, 2), zeros(3, 3));
    List<Tensor> dm = List.of(zeros(4), zeros(3));
    Tensor dx;
    if (dropout) {
      dx =
          K.tensor(
              scope,
              "decomposed_backward_dropout",
              dy,
              input,
              wide,
              stackedA,
              factors,
              norms,
              da,
              db,
              dm,
              ROWS,
              RANKS,
              S,
              keep,
              keepScale);
    } else {
      Tensor dz = K.tensor(scope, "decomposed_gradient", dy, input, wide, factors, norms, dm, ROWS);
      dx =
          K.tensor(
              scope,
              "lora_linear_backward",
              dz,
              input,
              wide,
              stackedA,
              da,
              db,
              ROWS,
              RANKS,
              S,
              true);
    }
    same(dx.toFloats(), expected.get(1));
    List<float[]> actual = new ArrayList<>();
    actual.add(rows(da, 0, 2));
    actual.add(rows(da, 2, 5));
    Stream.of(db, dm).flatMap(List::stream).map(Tensor::toFloats).forEach(actual::add);
    for (int i = 0; i < actual.size(); i++) {
      same(actual.get(i), expected.get(2 + i));
    }
  }
}
