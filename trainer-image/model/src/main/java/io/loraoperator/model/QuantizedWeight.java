package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;

/**
 * The weight of one linear module in four bits.
 *
 * @param buffer what it is dequantised with
 * @param outputs rows
 * @param inputs columns
 * @param packed two weights in a byte, row-major
 * @param scales of the blocks: themselves, or in eight bits with the scales of their own blocks and
 *     the offset of all
 */
record QuantizedWeight(
    DequantizationBuffer buffer, long outputs, long inputs, Tensor packed, List<Tensor> scales) {

  /**
   * Quantises a weight.
   *
   * @param scope lifetime of the result
   * @param weight [outputs, inputs]
   */
  static QuantizedWeight of(TensorScope scope, DequantizationBuffer buffer, Tensor weight) {
    Quantization settings = buffer.settings();
    List<Tensor> quantized;
    try (TensorScope temporary = new TensorScope()) {
      // Where it is computed with: what a file shows lies in this process's memory.
      Tensor values = temporary.own(Tensor.empty(weight.dtype(), weight.shape()));
      values.copyFrom(weight);
      quantized =
          K.tensors(scope, "quantize_normal_float", values, buffer.code(), settings.blockSize());
    }
    List<Tensor> scales = List.of(quantized.get(1));
    if (settings.doubleQuantization()) {
      try (TensorScope temporary = new TensorScope()) {
        Tensor exact = scope.moveTo(temporary, scales.getFirst());
        scales = K.tensors(scope, "quantize_scales", exact, buffer.scaleCode());
      }
    }
    return new QuantizedWeight(buffer, weight.size(0), weight.size(1), quantized.get(0), scales);
  }

  /**
   * Writes the weight as it is computed with.
   *
   * @param wide [., inputs + …]
   * @param row the weight's first in it
   */
  void dequantize(Tensor wide, long row) {
    try (TensorScope temporary = new TensorScope()) {
      Tensor ofBlocks =
          buffer.settings().doubleQuantization()
              ? K.tensor(
                  temporary,
                  "dequantize_scales",
                  scales.get(0),
                  scales.get(1),
                  scales.get(2),
                  buffer.scaleCode())
              : scales.getFirst();
      K.run(
          "dequantize_",
          wide,
          row,
          outputs,
          inputs,
          packed,
          ofBlocks,
          buffer.pairs(),
          buffer.settings().blockSize(),
          buffer.scratch());
    }
  }
}
