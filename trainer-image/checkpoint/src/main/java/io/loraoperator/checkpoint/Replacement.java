package io.loraoperator.checkpoint;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.lang.foreign.SegmentAllocator;

/**
 * A tensor that was trained itself, a bias or the weight of a module trained in full.
 *
 * @param tensor float32, of the base tensor's shape
 */
public record Replacement(HostTensor tensor) implements WeightUpdate {

  @Override
  public HostTensor apply(HostTensor weight, DType as, SegmentAllocator memory) {
    return new HostTensor(
        as, tensor.shape(), FloatConversion.convert(tensor.data(), ElementType.F32, as, memory));
  }
}
