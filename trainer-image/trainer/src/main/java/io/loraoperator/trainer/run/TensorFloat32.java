package io.loraoperator.trainer.run;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.Reason;
import io.loraoperator.torch.Device;
import io.loraoperator.trainer.RunFailure;
import java.util.function.Predicate;

/** Whether float32 matrices can be multiplied in TensorFloat-32, where that is asked for. */
final class TensorFloat32 {

  private TensorFloat32() {}

  /**
   * Refuses what would be trained in another precision than the specification says.
   *
   * @param available what this process can compute on
   * @throws RunFailure if it is asked for and there is no GPU, or PyTorch was not told
   */
  static void require(
      FineTuneSpec.Training training, Surroundings surroundings, Predicate<Device> available) {
    if (!training.tf32()) {
      return;
    }
    if (!available.test(Device.CUDA)) {
      throw new RunFailure(
          Reason.InvalidSpec,
          "spec.training.tf32: there is no GPU here, and nothing else has TF32",
          "Leave it out, or give the run a GPU.");
    }
    String variable = FineTuneSpec.Training.TF32_VARIABLE;
    if (!"1".equals(surroundings.variables().get(variable))) {
      throw new RunFailure(
          Reason.InvalidSpec,
          "spec.training.tf32: PyTorch takes it from the environment, and %s is not set"
              .formatted(variable),
          "Set %s=1 for lora-trainer.".formatted(variable));
    }
  }
}
