package io.loraoperator.checkpoint;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What a LoRA adapter makes of a weight: W + s B A, computed in float32; with magnitudes its rows
 * get these for norms (Liu et al., 2024).
 *
 * @param a [rank, inputs], float32
 * @param b [outputs, rank], float32
 * @param scale s
 * @param transposed whether W is stored as [inputs, outputs]
 * @param magnitudes [outputs], float32; null without
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., 2021, section 4.1</a>
 */
public record LowRankUpdate(
    HostTensor a, HostTensor b, double scale, boolean transposed, @Nullable HostTensor magnitudes)
    implements WeightUpdate {

  @Override
  public HostTensor apply(HostTensor weight, DType as, SegmentAllocator memory) {
    long[] shape = weight.shape();
    int columns = Math.toIntExact(shape[1]);
    // Row i of W gains the sum over k of left[i, k] times row k of right.
    float[] left = transposed ? transposed(a) : floats(b);
    float[] right = transposed ? transposed(b) : floats(a);
    float[] factors = factors(weight, left, right);
    MemorySegment target =
        memory.allocate(
            Math.multiplyExact(weight.elements(), as.bytes()), FloatConversion.ALIGNMENT);
    LongStream.range(0, shape[0])
        .parallel()
        .forEach(row -> {
          float[] values = row(weight, left, right, row);
          if (magnitudes != null) {
            double norm = transposed ? 1 : Math.sqrt(squares(values));
            for (int j = 0; j < columns; j++) {
              values[j] *= transposed ? factors[j] : (float) (factors[(int) row] / norm);
            }
          }
          FloatConversion.store(values, columns, target, row * columns, as);
        });
    return new HostTensor(as, shape, target);
  }

  /** A row of W + s B A. */
  private float[] row(HostTensor weight, float[] left, float[] right, long row) {
    int rank = (int) a.shape()[0];
    int columns = Math.toIntExact(weight.shape()[1]);
    float[] values = new float[columns];
    FloatConversion.load(weight.data(), row * columns, ElementType.F32, values, columns);
    float[] sum = new float[columns];
    for (int k = 0; k < rank; k++) {
      float factor = left[(int) row * rank + k];
      for (int j = 0, at = k * columns; j < columns; j++, at++) {
        sum[j] += factor * right[at];
      }
    }
    for (int j = 0; j < columns; j++) {
      values[j] += (float) scale * sum[j];
    }
    return values;
  }

  private static double squares(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return sum;
  }

  /** The magnitudes, divided by the norms already where an output's weights are a column. */
  private float[] factors(HostTensor weight, float[] left, float[] right) {
    if (magnitudes == null) {
      return new float[0];
    }
    float[] factors = floats(magnitudes);
    if (!transposed) {
      return factors;
    }
    double[] squares = new double[Math.toIntExact(weight.shape()[1])];
    for (long row = 0; row < weight.shape()[0]; row++) {
      float[] values = row(weight, left, right, row);
      for (int j = 0; j < squares.length; j++) {
        squares[j] += (double) values[j] * values[j];
      }
    }
    for (int j = 0; j < factors.length; j++) {
      factors[j] /= (float) Math.sqrt(squares[j]);
    }
    return factors;
  }

  private static float[] floats(HostTensor tensor) {
    return tensor.data().toArray(FloatConversion.FLOAT);
  }

  private static float[] transposed(HostTensor tensor) {
    float[] values = floats(tensor);
    int rows = (int) tensor.shape()[0];
    int columns = (int) tensor.shape()[1];
    float[] result = new float[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result[j * rows + i] = values[i * columns + j];
      }
    }
    return result;
  }
}
