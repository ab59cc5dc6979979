package io.loraoperator.checkpoint;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.stream.LongStream;

/**
 * What a LoRA adapter adds to a weight: W + s B A, computed in float32.
 *
 * @param a [rank, inputs], float32
 * @param b [outputs, rank], float32
 * @param scale s
 * @param transposed whether W is stored as [inputs, outputs]
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., 2021, section 4.1</a>
 */
public record LowRankUpdate(HostTensor a, HostTensor b, double scale, boolean transposed)
    implements WeightUpdate {

  @Override
  public HostTensor apply(HostTensor weight, DType as, SegmentAllocator memory) {
    long[] shape = weight.shape();
    int rank = (int) a.shape()[0];
    int columns = Math.toIntExact(shape[1]);
    // Row i of W gains the sum over k of left[i, k] times row k of right.
    float[] left = transposed ? transposed(a) : floats(b);
    float[] right = transposed ? transposed(b) : floats(a);
    MemorySegment target =
        memory.allocate(
            Math.multiplyExact(weight.elements(), as.bytes()), FloatConversion.ALIGNMENT);
    LongStream.range(0, shape[0])
        .parallel()
        .forEach(row -> {
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
          FloatConversion.store(values, columns, target, row * columns, as);
        });
    return new HostTensor(as, shape, target);
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
