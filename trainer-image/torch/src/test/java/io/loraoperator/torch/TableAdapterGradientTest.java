package io.loraoperator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The backward passes of adapters on the embedding and on the head against autograd. */
class TableAdapterGradientTest extends AutogradComparison {

  private static final int V = 11;
  private static final int C = 8;
  private static final int R = 3;
  private static final double S = 1.5;

  TableAdapterGradientTest() {
    super(20261123);
  }

  @Test
  void ofAnEmbeddingWhoseTokensRecur() {
    Tensor weight = normal(V, C);
    Tensor a = normal(R, V);
    Tensor b = normal(C, R);
    Tensor ids = scope.own(Tensor.of(new long[] {4, 0, 4, 10}, 4));
    Tensor dy = normal(4, C);
    List<Tensor> expected =
        REFERENCE.tensors(scope, "embedding_adapter_reference", weight, a, b, ids, S, dy);

    Tensor x = K.tensor(scope, "embed", weight, ids, 1.0);
    K.run("add_low_rank_rows_", x, ids, a, b, S);
    same(x.toFloats(), expected.get(0));
    Tensor da = zeros(R, V);
    Tensor db = zeros(C, R);
    K.run("low_rank_rows_backward", dy, ids, a, b, S, da, db);
    same(da.toFloats(), expected.get(1));
    same(db.toFloats(), expected.get(2));
  }

  @ParameterizedTest
  @CsvSource({"2, false", "100, false", "2, true"})
  void ofAHead(int chunk, boolean dropout) {
    int n = 5;
    double cap = 2.0;
    double keepScale = dropout ? 1 / 0.75 : 1;
    Tensor x = normal(n, C);
    Tensor weight = normal(V, C);
    Tensor a = normal(R, C);
    Tensor b = normal(V, R);
    Tensor bias = normal(V);
    Tensor keep = mask(dropout, n, C);
    Tensor targets = scope.own(Tensor.of(new long[] {0, 10, 3, 3, 7}, n));
    List<Tensor> expected =
        REFERENCE.tensors(
            scope,
            "head_adapter_reference",
            x,
            targets,
            weight,
            a,
            b,
            keep,
            S * keepScale,
            bias,
            cap,
            0.25);

    List<Tensor> kept = dropout ? List.of(keep) : List.of();
    Tensor z = K.tensor(scope, "head_low_rank", x, a, kept, S * keepScale);
    Tensor dz = zeros(n, R);
    Tensor db = zeros(V, R);
    List<Tensor> actual =
        K.tensors(
            scope,
            "cross_entropy",
            x,
            targets,
            weight,
            List.of(z, b, dz, db),
            List.of(bias),
            cap,
            chunk,
            0.25,
            List.of(),
            List.of(),
            List.of());
    Tensor da = zeros(R, C);
    Tensor dx = actual.get(1);
    K.run("head_low_rank_backward", dz, x, a, kept, S * keepScale, da, dx);
    double loss = expected.get(0).toFloat();
    assertThat(Math.abs(K.number("item", actual.get(0)) - loss)).isLessThan(TOLERANCE * loss);
    same(dx.toFloats(), expected.get(1));
    same(da.toFloats(), expected.get(2));
    same(db.toFloats(), expected.get(3));
    List<Tensor> evaluated =
        K.tensors(scope, "evaluate", x, targets, weight, List.of(z, b), List.of(bias), cap, chunk);
    assertThat(Math.abs(K.number("item", evaluated.get(0)) - loss)).isLessThan(TOLERANCE * loss);
  }
}
