package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutionTest {

  @ParameterizedTest
  @CsvSource({
    "FLOAT32,  false, CPU,  FLOAT32",
    "BFLOAT16, false, CPU,  BFLOAT16",
    "FLOAT32,  true,  CUDA, FLOAT32",
    "BFLOAT16, true,  CUDA, BFLOAT16",
    "FLOAT16,  true,  CUDA, FLOAT16"
  })
  void aGpuIsUsedWhereThereIsOne(Precision precision, boolean gpu, Device device, DType dtype) {
    assertThat(Execution.choose(precision, d -> d == Device.CPU || gpu))
        .isEqualTo(new Execution(device, dtype));
  }

  @Test
  void float16NeedsOne() {
    assertThatThrownBy(() -> Execution.choose(Precision.FLOAT16, d -> d == Device.CPU))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("Float16")
        .hasMessageContaining("BFloat16 or Float32");
  }
}
