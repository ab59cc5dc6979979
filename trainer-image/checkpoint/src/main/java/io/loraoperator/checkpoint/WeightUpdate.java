package io.loraoperator.checkpoint;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.lang.foreign.SegmentAllocator;

/** What an adapter makes of one tensor of its base model. */
public sealed interface WeightUpdate permits LowRankUpdate, Replacement, RowReplacement {

  /**
   * The updated tensor.
   *
   * @param weight the base model's, float32
   * @param as the type of the result, rounded to nearest even
   */
  HostTensor apply(HostTensor weight, DType as, SegmentAllocator memory);
}
