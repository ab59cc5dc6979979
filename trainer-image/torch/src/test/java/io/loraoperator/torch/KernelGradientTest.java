package io.loraoperator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every hand-derived backward pass against autograd over the same mathematics. */
class KernelGradientTest extends AutogradComparison {

  KernelGradientTest() {
    super(20260101);
  }

  @Test
  void rmsNorm() {
    Tensor x = normal(5, 12);
    Tensor weight = normal(12);
    Tensor dy = normal(5, 12);
    List<Tensor> expected = REFERENCE.tensors(scope, "norm_reference", x, weight, 1e-3, dy);
    List<Tensor> y = K.tensors(scope, "rms_norm", x, weight, 1e-3, 3);
    same(columns(y.get(0), 0, 12), expected.get(0));
    Tensor dx = scope.own(Tensor.zeros(DType.FLOAT32, 5, 12));
    K.run("rms_norm_backward", dy, x, y.get(1), weight, dx);
    same(dx.toFloats(), expected.get(1));
  }

  @Test
  void swiGlu() {
    Tensor x = normal(6, 14);
    Tensor dy = normal(6, 7);
    List<Tensor> expected = REFERENCE.tensors(scope, "swiglu_reference", x, dy);
    List<Tensor> actual = K.tensors(scope, "swiglu", x, 2);
    same(columns(actual.get(0), 0, 7), expected.get(0));
    same(K.tensor(scope, "swiglu_backward", dy, x, actual.get(1)).toFloats(), expected.get(1));
  }

  @Test
  void embeddingOfTokensThatRecur() {
    Tensor weight = normal(5, 3);
    Tensor ids = scope.own(Tensor.of(new long[] {4, 0, 4, 2}, 4));
    Tensor dy = normal(4, 3);
    List<Tensor> expected = REFERENCE.tensors(scope, "embedding_reference", weight, ids, 1.5, dy);
    same(K.tensor(scope, "embed", weight, ids, 1.5).toFloats(), expected.get(0));
    Tensor dw = scope.own(Tensor.zeros(DType.FLOAT32, 5, 3));
    K.run("embed_backward", dy, ids, 1.5, dw);
    same(dw.toFloats(), expected.get(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 100})
  void crossEntropyInChunks(int chunk) {
    Tensor x = normal(5, 8);
    Tensor weight = normal(11, 8);
    Tensor targets = scope.own(Tensor.of(new long[] {0, 10, 3, 3, 7}, 5));
    List<Tensor> expected =
        REFERENCE.tensors(scope, "cross_entropy_reference", x, targets, weight, 0.25);
    Tensor dw = scope.own(Tensor.zeros(DType.FLOAT32, 11, 8));
    List<Tensor> actual =
        K.tensors(
            scope,
            "cross_entropy",
            x,
            targets,
            weight,
            List.of(),
            List.of(),
            0.0,
            chunk,
            0.25,
            List.of(dw),
            List.of(),
            List.of());
    double loss = expected.get(0).toFloat();
    assertThat(Math.abs(K.number("item", actual.get(0)) - loss)).isLessThan(TOLERANCE * loss);
    same(actual.get(1).toFloats(), expected.get(1));
    same(dw.toFloats(), expected.get(2));
    Tensor some = scope.own(Tensor.of(new long[] {7, 0}, 2));
    Tensor rows = scope.own(Tensor.zeros(DType.FLOAT32, 2, 8));
    K.tensors(
        scope,
        "cross_entropy",
        x,
        targets,
        weight,
        List.of(),
        List.of(),
        0.0,
        chunk,
        0.25,
        List.of(rows),
        List.of(some),
        List.of());
    Tensor taken = scope.own(Tensor.zeros(DType.FLOAT32, 2, 8));
    K.run("take_rows_", taken, expected.get(2), some);
    same(rows.toFloats(), taken);
    List<Tensor> evaluated =
        K.tensors(scope, "evaluate", x, targets, weight, List.of(), List.of(), 0.0, chunk);
    assertThat(Math.abs(K.number("item", evaluated.get(0)) - loss)).isLessThan(TOLERANCE * loss);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void loraLinearOfTwoAdaptedMembersAroundAPlainOne(boolean dropout) {
    int n = 7;
    int c = 10;
    double s = 1.5;
    double keepScale = dropout ? 1 / 0.75 : 1;
    Tensor x = normal(n, c);
    Tensor w = normal(9, c); // members of 4, 2 and 3 outputs; the second has no adapter
    List<Tensor> a = List.of(normal(2, c), normal(3, c));
    List<Tensor> b = List.of(normal(4, 2), normal(3, 3));
    List<Tensor> keep = List.of(mask(dropout, n, c), mask(dropout, n, c));
    Tensor dy = normal(n, 9);
    Tensor noA = scope.own(Tensor.zeros(DType.FLOAT32, 2, c));
    Tensor noB = scope.own(Tensor.zeros(DType.FLOAT32, 2, 2));
    List<Tensor> expected =
        REFERENCE.tensors(
            scope,
            "lora_reference",
            x,
            w,
            List.of(a.get(0), noA, a.get(1)),
            List.of(b.get(0), noB, b.get(1)),
            List.of(keep.get(0), keep.get(0), keep.get(1)),
            s,
            keepScale,
            dy);

    Tensor stackedA = scope.own(Tensor.zeros(DType.FLOAT32, 5, c));
    K.run("place_", stackedA, a.get(0), 0);
    K.run("place_", stackedA, a.get(1), 2);
    Tensor wide = scope.own(Tensor.zeros(DType.FLOAT32, 9, c + 5));
    K.run("place_", wide, w, 0);
    long[] rows = {0, 4, 6, 9};
    long[] ranks = {2, 3};
    K.run("refresh_lora_", wide, b, rows, c, s);
    Tensor input = scope.own(Tensor.zeros(DType.FLOAT32, n, c + 5));
    K.run("place_", input, x, 0);
    if (dropout) {
      K.run("lora_inputs_dropout", input, stackedA, keep, ranks, keepScale);
    } else {
      K.run("lora_inputs", input, stackedA);
    }
    same(K.tensor(scope, "linear", input, wide).toFloats(), expected.get(0));

    Tensor da = scope.own(Tensor.zeros(DType.FLOAT32, 5, c));
    List<Tensor> db =
        List.of(
            scope.own(Tensor.zeros(DType.FLOAT32, 4, 2)),
            scope.own(Tensor.zeros(DType.FLOAT32, 3, 3)));
    Tensor dx =
        dropout
            ? K.tensor(
                scope,
                "lora_linear_backward_dropout",
                dy,
                input,
                wide,
                stackedA,
                da,
                db,
                rows,
                ranks,
                s,
                keep,
                keepScale)
            : K.tensor(
                scope,
                "lora_linear_backward",
                dy,
                input,
                wide,
                stackedA,
                da,
                db,
                rows,
                ranks,
                s,
                true);
    same(dx.toFloats(), expected.get(1));
    same(rows(da, 0, 2), expected.get(2));
    same(rows(da, 2, 5), expected.get(4));
    same(db.get(0).toFloats(), expected.get(5));
    same(db.get(1).toFloats(), expected.get(7));
    if (!dropout) {
      // Without the input's gradient the adapters' are the same, added to what is there.
      K.tensor(
          scope, "lora_linear_backward", dy, input, wide, stackedA, da, db, rows, ranks, s, false);
      float[] twice = rows(da, 0, 2);
      for (int i = 0; i < twice.length; i++) {
        twice[i] /= 2;
      }
      same(twice, expected.get(2));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void attentionOfRowsInTwoGroups(int keyValueHeads) {
    int heads = 4;
    int d = 6;
    long[] lengths = {7, 5, 2, 1};
    int n = 15;
    int channels = (heads + 2 * keyValueHeads) * d;
    Tensor qkv = normal(n, channels);
    Tensor dy = normal(n, heads * d);
    List<Tensor> expected =
        REFERENCE.tensors(
            scope, "attention_reference", qkv, lengths, 100.0, heads, keyValueHeads, d, 1, dy);

    List<Tensor> tables = tables(d, 16);
    Tensor cos = rows(tables.get(0), lengths);
    Tensor sin = rows(tables.get(1), lengths);
    Tensor mask = K.tensor(scope, "causal_mask", 16, 0, 6, Device.CPU);
    List<long[]> groups = List.of(new long[] {7, 5}, new long[] {2, 1});
    long[] widths = {8, 2}; // the first group wider than it needs
    double scale = 1 / Math.sqrt(d);
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
            keyValueHeads,
            d,
            scale,
            0.0,
            3);
    same(columns(forward.get(0), 0, heads * d), expected.get(0));
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
            keyValueHeads,
            d,
            scale,
            0.0);
    same(dqkv.toFloats(), expected.get(1));

    // The comparison sees a mask that is off by one.
    List<Tensor> wrong =
        REFERENCE.tensors(
            scope, "attention_reference", qkv, lengths, 100.0, heads, keyValueHeads, d, 2, dy);
    assertThat(relativeDifference(dqkv.toFloats(), wrong.get(1).toFloats())).isGreaterThan(0.01);
  }

  @Test
  void attentionWithACacheEqualsAttentionAtOnce() {
    int heads = 4;
    int keyValueHeads = 2;
    int d = 6;
    Tensor qkv = normal(5, (heads + 2 * keyValueHeads) * d);
    Tensor unused = normal(5, heads * d);
    List<Tensor> expected =
        REFERENCE.tensors(
            scope,
            "attention_reference",
            qkv,
            new long[] {5},
            100.0,
            heads,
            keyValueHeads,
            d,
            1,
            unused);
    List<Tensor> tables = tables(d, 8);
    Tensor mask = K.tensor(scope, "causal_mask", 8, 0, 6, Device.CPU);
    Tensor keys = scope.own(Tensor.empty(DType.FLOAT32, keyValueHeads, 8, d));
    Tensor values = scope.own(Tensor.empty(DType.FLOAT32, keyValueHeads, 8, d));
    float[] all = new float[5 * heads * d];
    int position = 0;
    for (int count : new int[] {3, 1, 1}) {
      Tensor part = scope.own(Tensor.of(rows(qkv, position, position + count), count, qkv.size(1)));
      Tensor y =
          K.tensor(
              scope,
              "cached_attention",
              part,
              tables.get(0),
              tables.get(1),
              mask,
              keys,
              values,
              position,
              heads,
              keyValueHeads,
              1 / Math.sqrt(d),
              0.0,
              0);
      System.arraycopy(y.toFloats(), 0, all, position * heads * d, count * heads * d);
      position += count;
    }
    same(all, expected.get(0));
  }

  private List<Tensor> tables(int channels, int length) {
    Tensor inverse = K.tensor(scope, "inverse_frequencies", 100.0, channels, Device.CPU);
    return K.tensors(scope, "rotary_tables", inverse, 1.0, length, 6);
  }
}
