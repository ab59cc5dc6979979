package io.loraoperator.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.Source;
import io.loraoperator.contract.SpecReader;
import io.loraoperator.torch.Device;
import io.loraoperator.trainer.RunFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TensorFloat-32 is a GPU's, and nothing pretends to have it. */
class TensorFloat32Test {

  private static final Map<String, String> TOLD = Map.of("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "1");

  private static FineTuneSpec.Training training(boolean tf32) throws IOException {
    var tree =
        new YAMLMapper()
            .readTree(
                """
                dataset: {prompt: {text: {field: text}}}
                training: {maxSteps: 1, tf32: %s}
                """
                    .formatted(tf32));
    var here = new Source.Local(Path.of("."));
    return SpecReader.read(
            tree,
            Map.of(
                "baseModel.source", here,
                "dataset.train.source", here,
                "output.destination", here))
        .training();
  }

  private static void require(boolean tf32, boolean gpu, Map<String, String> variables)
      throws IOException {
    TensorFloat32.require(
        training(tf32),
        new Surroundings(variables, Long.MAX_VALUE, null),
        device -> gpu || device == Device.CPU);
  }

  @ParameterizedTest
  @CsvSource({
    "false, 'spec.training.tf32: there is no GPU here, and nothing else has TF32'",
    "true, 'spec.training.tf32: PyTorch takes it from the environment, and TORCH_ALLOW_TF32_CUBLAS_OVERRIDE is not set'",
  })
  void isRefusedByName(boolean gpu, String message) {
    RunFailure refused =
        catchThrowableOfType(RunFailure.class, () -> require(true, gpu, gpu ? Map.of() : TOLD));
    assertThat(refused.reason()).isEqualTo(Reason.InvalidSpec);
    assertThat(refused).hasMessage(message);
  }

  @Test
  void isAcceptedOnAGpuThatWasTold() {
    assertThatCode(() -> require(true, true, TOLD)).doesNotThrowAnyException();
    assertThatCode(() -> require(false, false, Map.of())).doesNotThrowAnyException();
  }
}
