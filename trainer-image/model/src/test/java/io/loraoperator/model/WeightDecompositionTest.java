package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.torch.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DoRA beside what PEFT shows of it: how it starts, and its gradients with dropout. */
class WeightDecompositionTest {

  private static final String MAGNITUDE = ".lora_magnitude_vector";

  @ParameterizedTest
  @ValueSource(strings = {"llama-untied", "gpt2", "phi3"})
  void newMagnitudesAreTheNormsOfTheRowsAndChangeNothing(String name) {
    Fixture fixture = Fixture.read(name);
    int[] ids = fixture.rows().getFirst().ids();
    boolean transposed = fixture.architecture().projections().getFirst().transposed();
    try (FineTunableModel plain = fixture.model(null);
        FineTunableModel model = fixture.model(dora(0))) {
      assertThat(Fixture.largestDifference(model.logits(ids), plain.logits(ids))).isLessThan(1e-5);
      List<String> magnitudes = magnitudes(model.adapter());
      assertThat(magnitudes).isNotEmpty();
      for (String magnitude : magnitudes) {
        String weight =
            magnitude.substring("base_model.model.".length()).replace(MAGNITUDE, ".weight");
        HostTensor w = Objects.requireNonNull(fixture.weights().tensors().get(weight));
        assertThat(SafetensorsFixture.floats(model.adapter().get(magnitude)))
            .as(magnitude)
            .containsExactly(norms(w, transposed), within(1e-5f));
      }
    }
  }

  private static float[] norms(HostTensor weight, boolean transposed) {
    float[] values = SafetensorsFixture.floats(weight);
    int columns = (int) weight.shape()[1];
    double[] squares = new double[transposed ? columns : values.length / columns];
    for (int i = 0; i < values.length; i++) {
      squares[transposed ? i % columns : i / columns] += (double) values[i] * values[i];
    }
    float[] norms = new float[squares.length];
    for (int i = 0; i < norms.length; i++) {
      norms[i] = (float) Math.sqrt(squares[i]);
    }
    return norms;
  }

  /** The norms do not depend on the magnitudes, so theirs are the loss's true derivatives. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theMagnitudesGradientsAreTheSlopesOfTheLossWithDropout(boolean recompute) {
    Fixture fixture = Fixture.read("llama-untied");
    List<Row> rows = fixture.rows();
    StepKey key = new StepKey(1, 1, 0);
    try (FineTunableModel model = fixture.model(dora(0.3))) {
      model.recomputeActivations(recompute);
      Map<String, HostTensor> adapter = model.adapter();
      Random random = new Random(3);
      adapter.forEach((name, tensor) -> {
        if (name.contains("lora_B")) {
          LossSlope.change(tensor, 0.1, random);
        }
      });
      model.loadAdapter(adapter);
      LossSlope.isTheGradient(model, adapter, name -> name.endsWith(MAGNITUDE), rows, key);
    }
  }

  @Test
  void theEstimateKnowsTheMagnitudes() {
    Fixture fixture = Fixture.read("llama-tied");
    MemoryEstimate lora = estimate(fixture, fixture.lora());
    MemoryEstimate dora = estimate(fixture, dora(0));
    long outputs = fixture.architecture().projections().stream().mapToLong(p -> p.outputs()).sum();
    assertThat(fixture.lora().targetModules()).hasSize(7);
    assertThat(dora.adapters() - lora.adapters()).isEqualTo(6 * outputs * Float.BYTES);
    assertThat(dora.activations()).isGreaterThan(lora.activations());
  }

  private static MemoryEstimate estimate(Fixture fixture, LoraConfig lora) {
    return MemoryEstimate.of(
        fixture.architecture(), Precision.FLOAT32, null, lora, Stream.of(new int[] {30}), false);
  }

  private static LoraConfig dora(double dropout) {
    return new LoraConfig(
        4,
        6,
        dropout,
        List.of(LoraConfig.ALL_LINEAR),
        List.of(),
        null,
        Map.of(),
        Map.of(),
        List.of(),
        BiasMode.NONE,
        Map.of(),
        LoraVariant.DORA,
        1);
  }

  private static List<String> magnitudes(Map<String, HostTensor> adapter) {
    List<String> names = new ArrayList<>(adapter.keySet());
    names.removeIf(name -> !name.endsWith(MAGNITUDE));
    return names;
  }
}
