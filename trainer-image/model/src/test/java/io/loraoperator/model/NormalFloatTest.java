package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;
import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import io.loraoperator.torch.Torch;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Four-bit weights, byte for byte those of bitsandbytes (parity/quantization/make_weights.py). */
class NormalFloatTest {

  private final Map<String, HostTensor> fixture =
      SafetensorsFixture.read(Path.of("..", "parity", "quantization", "bitsandbytes.safetensors"))
          .tensors();
  private final TensorScope scope = new TensorScope();

  @AfterEach
  void release() {
    scope.close();
  }

  @ParameterizedTest
  @CsvSource({"float32", "ties", "bfloat16", "odd", "wide"})
  void blocksAndScalesAreThoseOfBitsandbytes(String name) {
    QuantizedWeight weight = quantized(name, false);
    same(weight.packed(), name + ".single.packed");
    same(weight.scales().getFirst(), name + ".single.scales");
  }

  @ParameterizedTest
  @CsvSource({"float32", "ties", "bfloat16", "odd", "wide"})
  void scalesInEightBitsAreThoseOfBitsandbytes(String name) {
    QuantizedWeight weight = quantized(name, true);
    same(weight.packed(), name + ".double.packed");
    same(weight.scales().get(2), name + ".double.offset");
    same(weight.scales().get(1), name + ".double.scale_scales");
    same(weight.scales().get(0), name + ".double.scales");
  }

  @ParameterizedTest
  @CsvSource({
    "float32, false", "float32, true", "ties, false", "ties, true", "bfloat16, false",
    "bfloat16, true", "odd, false", "odd, true", "wide, false", "wide, true"
  })
  void whatComesBackIsWhatBitsandbytesGives(String name, boolean twice) {
    QuantizedWeight weight = quantized(name, twice);
    for (DType dtype : new DType[] {DType.FLOAT32, DType.BFLOAT16}) {
      String expected =
          "%s.%s.%s"
              .formatted(
                  name,
                  twice ? "double" : "single",
                  dtype == DType.FLOAT32 ? "float32" : "bfloat16");
      if (!fixture.containsKey(expected)) {
        assertThat(name + dtype).isEqualTo("bfloat16FLOAT32");
        continue;
      }
      Tensor own = scope.own(Tensor.empty(dtype, weight.outputs(), weight.inputs()));
      weight.dequantize(own, 0);
      same(own, expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"float32", "odd"})
  void aWeightIsWrittenAtItsPlaceAndNowhereElse(String name) {
    QuantizedWeight weight = quantized(name, false);
    int rows = (int) weight.outputs();
    int columns = (int) weight.inputs();
    float[] values =
        scope
            .own(Tensor.copyOf(Objects.requireNonNull(fixture.get(name + ".single.float32"))))
            .toFloats();
    Tensor wide = scope.own(Tensor.zeros(DType.FLOAT32, rows + 3, columns + 5));
    weight.dequantize(wide, 2);
    float[] all = wide.toFloats();
    for (int row = 0; row < rows + 3; row++) {
      for (int column = 0; column < columns + 5; column++) {
        boolean inside = row >= 2 && row < rows + 2 && column < columns;
        assertThat(all[row * (columns + 5) + column])
            .isEqualTo(inside ? values[(row - 2) * columns + column] : 0);
      }
    }
  }

  @Test
  void theCodeOfScalesIsBitsandbytes() {
    same(K.tensor(scope, "dynamic_float", Torch.device()), "dynamic_float");
  }

  private QuantizedWeight quantized(String name, boolean twice) {
    var buffer = DequantizationBuffer.of(scope, new Quantization(twice, 64), DType.FLOAT32, 1);
    Tensor weight = scope.own(Tensor.copyOf(Objects.requireNonNull(fixture.get(name))));
    return QuantizedWeight.of(scope, buffer, weight);
  }

  private void same(Tensor actual, String expected) {
    HostTensor reference = Objects.requireNonNull(fixture.get(expected));
    HostTensor own = actual.toHost();
    assertThat(own.dtype()).isEqualTo(reference.dtype());
    assertThat(own.data().byteSize()).isEqualTo(reference.data().byteSize());
    assertThat(own.data().mismatch(reference.data())).as("first byte of " + expected).isEqualTo(-1);
  }
}
