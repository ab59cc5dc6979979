package io.loraoperator.model;

import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.Device;
import java.util.function.Predicate;

/**
 * Where a model computes, and in which element type: the one place that chooses. Kernels take the
 * device and the type from their arguments. Attention is the same everywhere, the exact softmax
 * over groups of rows of similar lengths: nothing else was faster on a CPU, and nothing was
 * measured on a GPU.
 *
 * @param device of weights, adapters and activations
 * @param dtype of the base weights and activations; adapters and the optimizer are float32
 */
record Execution(Device device, DType dtype) {

  /**
   * Chooses for a model.
   *
   * @param available what this process can compute on; the CPU always is
   * @throws UnsupportedModelException if no available device computes in this precision
   */
  static Execution choose(Precision precision, Predicate<Device> available) {
    Device device = available.test(Device.CUDA) ? Device.CUDA : Device.CPU;
    if (precision == Precision.FLOAT16 && device == Device.CPU) {
      throw new UnsupportedModelException(
          "Precision Float16 is not supported on a CPU; use BFloat16 or Float32.");
    }
    return new Execution(device, precision.dtype());
  }
}
