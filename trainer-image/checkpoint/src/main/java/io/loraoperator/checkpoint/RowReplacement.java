package io.loraoperator.checkpoint;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/**
 * Rows of an embedding or a head that were trained while the others were not.
 *
 * @param tokens whose rows they are
 * @param rows float32, [tokens, channels]
 */
public record RowReplacement(List<Integer> tokens, HostTensor rows) implements WeightUpdate {

  /** Copies the list. */
  public RowReplacement {
    tokens = List.copyOf(tokens);
  }

  @Override
  public HostTensor apply(HostTensor weight, DType as, SegmentAllocator memory) {
    int columns = Math.toIntExact(weight.shape()[1]);
    MemorySegment target = FloatConversion.convert(weight.data(), ElementType.F32, as, memory);
    float[] row = new float[columns];
    for (int i = 0; i < tokens.size(); i++) {
      FloatConversion.load(rows.data(), (long) i * columns, ElementType.F32, row, columns);
      FloatConversion.store(row, columns, target, (long) tokens.get(i) * columns, as);
    }
    return new HostTensor(as, weight.shape(), target);
  }
}
