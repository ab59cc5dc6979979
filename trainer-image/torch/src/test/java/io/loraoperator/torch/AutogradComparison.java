package io.loraoperator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collections;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** What it takes to compare kernels with autograd over the same mathematics. */
abstract class AutogradComparison {

  /** Share of the largest value that float32 may differ by. */
  static final double TOLERANCE = 1e-5;

  static final Kernels K =
      Kernels.load(
          "norm",
          "residual",
          "layer_norm",
          "head_norm",
          "linear",
          "bias",
          "dora",
          "positions",
          "softcap",
          "attention",
          "mlp",
          "activation",
          "head");
  static final Kernels REFERENCE = Kernels.load("reference");

  final TensorScope scope = new TensorScope();
  final SplittableRandom random;

  AutogradComparison(long seed) {
    random = new SplittableRandom(seed);
  }

  @AfterEach
  void release() {
    scope.close();
  }

  final Tensor normal(int... sizes) {
    float[] values = new float[IntStream.of(sizes).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return scope.own(Tensor.of(values, IntStream.of(sizes).asLongStream().toArray()));
  }

  /** A table's first rows, once for each length. */
  final Tensor rows(Tensor table, long[] lengths) {
    Tensor rows = K.tensor(scope, "rows_of", Collections.nCopies(lengths.length, table), lengths);
    return K.tensor(scope, "heads_apart", rows);
  }

  final Tensor zeros(long... shape) {
    return scope.own(Tensor.zeros(DType.FLOAT32, shape));
  }

  static void same(float[] actual, Tensor expected) {
    assertThat(relativeDifference(actual, expected.toFloats())).isLessThanOrEqualTo(TOLERANCE);
  }

  /** The largest difference as a share of the largest value. */
  static double relativeDifference(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).isFinite();
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    }
    assertThat(largest).isPositive();
    return difference / largest;
  }

  static float[] columns(Tensor matrix, int from, int to) {
    int width = (int) matrix.size(1);
    float[] all = matrix.toFloats();
    float[] part = new float[all.length / width * (to - from)];
    for (int row = 0; row < all.length / width; row++) {
      System.arraycopy(all, row * width + from, part, row * (to - from), to - from);
    }
    return part;
  }

  /** 0 or 1; all 1 without dropout. */
  final Tensor mask(boolean dropout, int n, int c) {
    byte[] values = new byte[n * c];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (dropout && random.nextInt(4) == 0 ? 0 : 1);
    }
    Tensor mask = scope.own(Tensor.empty(DType.UINT8, n, c));
    mask.copyFrom(MemorySegment.ofArray(values));
    return mask;
  }

  static float[] rows(Tensor matrix, int from, int to) {
    int width = (int) matrix.size(1);
    return Arrays.copyOfRange(matrix.toFloats(), from * width, to * width);
  }
}
