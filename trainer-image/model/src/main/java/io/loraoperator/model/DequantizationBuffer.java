package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.Projection;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import io.loraoperator.torch.Torch;
import java.util.List;

/**
 * Where quantised weights become weights to compute with, one projection at a time: the next one
 * overwrites it.
 *
 * @param settings how the weights are quantised
 * @param weights room for the largest projection with its adapters' columns, flat
 * @param code the 16 values of a weight
 * @param pairs the two values that each byte stands for
 * @param scaleCode the values of scales in eight bits
 * @param scratch what the kernel works in
 */
record DequantizationBuffer(
    Quantization settings,
    Tensor weights,
    Tensor code,
    Tensor pairs,
    Tensor scaleCode,
    List<Tensor> scratch) {

  /** Weights that are dequantised at a time where blocks end with rows. */
  private static final long SCRATCH_WEIGHTS = 1 << 20;

  /** Bytes that the kernel needs for each of them: half an int32 and half a complex64. */
  private static final int SCRATCH_BYTES = 6;

  /**
   * A buffer for the projections of a model.
   *
   * @param largest elements of the largest one
   */
  static DequantizationBuffer of(
      TensorScope scope, Quantization settings, DType dtype, long largest) {
    return new DequantizationBuffer(
        settings,
        scope.own(Tensor.empty(dtype, largest)),
        K.tensor(scope, "normal_float", Torch.device()),
        K.tensor(scope, "normal_float_pairs", Torch.device()),
        K.tensor(scope, "dynamic_float", Torch.device()),
        K.tensors(scope, "dequantization_scratch", SCRATCH_WEIGHTS / 2, Torch.device()));
  }

  /** Bytes of the buffer of a model. */
  static long bytes(DType dtype, long largest) {
    return largest * dtype.bytes() + SCRATCH_WEIGHTS * SCRATCH_BYTES;
  }

  /** Elements that a projection takes. */
  static long elements(Projection projection, long room) {
    return projection.outputs() * (projection.inputs() + room);
  }

  /** The part of the buffer that a projection takes, [outputs, columns]. */
  Tensor view(TensorScope scope, long outputs, long columns) {
    return K.tensor(scope, "matrix_view", weights, 0, outputs, columns);
  }
}
