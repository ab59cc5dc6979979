package io.loraoperator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The backward passes of what not every family has, against autograd over the same mathematics. */
class BlockGradientTest extends AutogradComparison {

  BlockGradientTest() {
    super(20260102);
  }

  @Test
  void layerNormAddsToTheGradient() {
    Tensor x = normal(5, 12);
    Tensor weight = normal(12);
    Tensor bias = normal(12);
    Tensor dy = normal(5, 12);
    List<Tensor> expected =
        REFERENCE.tensors(scope, "layer_norm_reference", x, weight, bias, 1e-3, dy);
    List<Tensor> y = K.tensors(scope, "layer_norm", x, weight, bias, 1e-3, 3);
    same(columns(y.get(0), 0, 12), expected.get(0));
    Tensor dx = normal(5, 12);
    float[] before = dx.toFloats();
    K.run("layer_norm_backward", dy, x, y.get(1), y.get(2), weight, bias, dx);
    float[] added = dx.toFloats();
    for (int i = 0; i < added.length; i++) {
      added[i] -= before[i];
    }
    same(added, expected.get(1));
  }

  @Test
  void headNormLeavesValuesAlone() {
    int heads = 4;
    int keyValueHeads = 2;
    Tensor x = normal(5, 8 * 6);
    Tensor query = normal(6);
    Tensor key = normal(6);
    Tensor dy = normal(5, 8 * 6);
    List<Tensor> expected =
        REFERENCE.tensors(
            scope, "head_norm_reference", x, query, key, 1e-3, heads, keyValueHeads, dy);
    Tensor gains = K.tensor(scope, "head_gains", query, key, heads, keyValueHeads);
    List<Tensor> y = K.tensors(scope, "head_norm", x, gains, 1e-3, keyValueHeads);
    same(y.get(0).toFloats(), expected.get(0));
    K.run("head_norm_backward_", dy, x, y.get(1), gains, keyValueHeads);
    same(dy.toFloats(), expected.get(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"geglu_tanh", "relu", "gelu", "gelu_tanh"})
  void activations(String kind) {
    int inputs = kind.equals("geglu_tanh") ? 14 : 7;
    Tensor x = normal(6, inputs);
    Tensor dy = normal(6, 7);
    List<Tensor> expected = REFERENCE.tensors(scope, kind + "_reference", x, dy);
    List<Tensor> y = K.tensors(scope, kind, x, 2);
    same(columns(y.get(0), 0, 7), expected.get(0));
    same(K.tensor(scope, kind + "_backward", dy, x, y.get(1)).toFloats(), expected.get(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 100})
  void crossEntropyOfCappedLogitsWithABias(int chunk) {
    Tensor x = normal(5, 8);
    Tensor weight = normal(11, 8);
    Tensor bias = normal(11);
    Tensor targets = scope.own(Tensor.of(new long[] {0, 10, 3, 3, 7}, 5));
    List<Tensor> expected =
        REFERENCE.tensors(
            scope, "capped_cross_entropy_reference", x, targets, weight, bias, 2.0, 0.25);
    Tensor db = scope.own(Tensor.zeros(DType.FLOAT32, 11));
    List<Tensor> actual =
        K.tensors(
            scope,
            "cross_entropy",
            x,
            targets,
            weight,
            List.of(),
            List.of(bias),
            2.0,
            chunk,
            0.25,
            List.of(),
            List.of(),
            List.of(db));
    double loss = expected.get(0).toFloat();
    assertThat(Math.abs(K.number("item", actual.get(0)) - loss)).isLessThan(TOLERANCE * loss);
    same(actual.get(1).toFloats(), expected.get(1));
    same(db.toFloats(), expected.get(2));
    List<Tensor> evaluated =
        K.tensors(scope, "evaluate", x, targets, weight, List.of(), List.of(bias), 2.0, chunk);
    assertThat(Math.abs(K.number("item", evaluated.get(0)) - loss)).isLessThan(TOLERANCE * loss);
  }

  @ParameterizedTest(name = "{0} channels turned, cap {1}, window {2}")
  @CsvSource({"8, 1e6, 100", "4, 1e6, 100", "0, 1e6, 100", "8, 1.5, 100", "8, 1e6, 3", "4, 1.5, 3"})
  void attention(int turned, double cap, int window) {
    int heads = 3;
    int d = 8;
    double scale = 0.7;
    long[] lengths = {7, 5, 2, 1};
    Tensor qkv = normal(15, 3 * heads * d);
    Tensor dy = normal(15, heads * d);
    List<Tensor> expected =
        REFERENCE.tensors(
            scope,
            "variant_attention_reference",
            qkv,
            lengths,
            100.0,
            turned,
            heads,
            d,
            scale,
            cap,
            window,
            dy);
    double given = cap == 1e6 ? 0 : cap;
    Tensor inverse = K.tensor(scope, "inverse_frequencies", 100.0, turned, Device.CPU);
    List<Tensor> tables = K.tensors(scope, "rotary_tables", inverse, 1.0, 16, 6);
    Tensor cos = rows(tables.get(0), lengths);
    Tensor sin = rows(tables.get(1), lengths);
    Tensor mask = K.tensor(scope, "causal_mask", 16, window == 100 ? 0 : window, 6, Device.CPU);
    List<long[]> groups = List.of(new long[] {7, 5}, new long[] {2, 1});
    long[] widths = {8, 2};
    List<Tensor> forward =
        K.tensors(
            scope,
            "attention",
            qkv,
            cos,
            sin,
            mask,
            groups,
            widths,
            heads,
            heads,
            d,
            scale,
            given,
            0);
    same(forward.get(0).toFloats(), expected.get(0));
    Tensor dqkv =
        K.tensor(
            scope,
            "attention_backward",
            dy,
            forward.subList(1, forward.size()),
            cos,
            sin,
            groups,
            widths,
            heads,
            heads,
            d,
            scale,
            given);
    same(dqkv.toFloats(), expected.get(1));
  }

  @Test
  void aBiasIsAddedToEachRow() {
    Tensor x = normal(3, 4);
    Tensor wide = normal(5, 4);
    Tensor bias = normal(5);
    Tensor residual = normal(3, 5);
    float[] expected = K.tensor(scope, "linear", x, wide).toFloats();
    float[] offset = bias.toFloats();
    for (int i = 0; i < expected.length; i++) {
      expected[i] += offset[i % 5];
    }
    same(
        K.tensor(scope, "linear_bias", x, wide, bias).toFloats(),
        scope.own(Tensor.of(expected, 3, 5)));
    float[] stream = residual.toFloats();
    for (int i = 0; i < expected.length; i++) {
      expected[i] += stream[i];
    }
    same(
        K.tensor(scope, "linear_bias_add", residual, x, wide, bias).toFloats(),
        scope.own(Tensor.of(expected, 3, 5)));
  }
}
