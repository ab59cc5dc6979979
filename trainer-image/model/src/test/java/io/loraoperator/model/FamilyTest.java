package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every family, beside its numbers. */
class FamilyTest {

  @ParameterizedTest
  @MethodSource("io.loraoperator.model.Fixture#names")
  void recomputedActivationsGiveTheSameBits(String name) {
    Map<String, HostTensor> kept = gradients(name, false);
    assertThat(Fixture.largest(kept)).isPositive();
    assertThat(Fixture.largestDifference(gradients(name, true), kept)).isZero();
  }

  private static Map<String, HostTensor> gradients(String name, boolean recomputed) {
    Fixture fixture = Fixture.read(name);
    try (FineTunableModel model = fixture.model(fixture.lora(0.2))) {
      model.loadAdapter(fixture.adapter());
      model.recomputeActivations(recomputed);
      model.accumulate(fixture.rows(), 0.01, new StepKey(1, 1, 0));
      return model.gradients();
    }
  }

  @ParameterizedTest
  @MethodSource("io.loraoperator.model.Fixture#names")
  void bfloat16StaysCloseToFloat32(String name) {
    Fixture fixture = Fixture.read(name);
    List<Row> rows = fixture.rows();
    double scale = 1.0 / Fixture.trainedTokens(rows);
    try (FineTunableModel exact = fixture.model();
        FineTunableModel rounded =
            FineTunableModel.load(
                fixture.architecture(), fixture.weights(), Precision.BFLOAT16, fixture.lora())) {
      rounded.loadAdapter(fixture.adapter());
      double loss = exact.accumulate(rows, scale, new StepKey(1, 1, 0));
      assertThat(rounded.accumulate(rows, scale, new StepKey(1, 1, 0)))
          .isCloseTo(loss, within(0.01 * loss));
      // As far off as autograd in bfloat16 is, or less.
      double reference = fixture.facts().get("bfloat16GradientError").asDouble();
      assertThat(relativeError(exact.gradients(), rounded.gradients()))
          .isBetween(1e-4, 1.5 * reference);
      int[] prompt = Arrays.copyOf(rows.getFirst().ids(), 3);
      assertThat(rounded.generate(prompt, 5, Set.of(), Sampling.GREEDY, token -> true).ids())
          .hasSize(5);
    }
  }

  /** The root of the sum of squared differences as a share of that of the values. */
  private static double relativeError(
      Map<String, HostTensor> expected, Map<String, HostTensor> actual) {
    double error = 0;
    double norm = 0;
    for (var entry : expected.entrySet()) {
      float[] a = SafetensorsFixture.floats(entry.getValue());
      float[] b = SafetensorsFixture.floats(actual.get(entry.getKey()));
      for (int i = 0; i < a.length; i++) {
        error += (a[i] - b[i]) * (double) (a[i] - b[i]);
        norm += a[i] * (double) a[i];
      }
    }
    return Math.sqrt(error / norm);
  }

  @ParameterizedTest
  @MethodSource("io.loraoperator.model.Fixture#names")
  void aRowIsTheSameAloneAndAmongOthers(String name) {
    Fixture fixture = Fixture.read(name);
    List<Row> rows = fixture.rows();
    try (FineTunableModel model = fixture.model()) {
      double alone = 0;
      for (Row row : rows) {
        alone += model.evaluate(List.of(row)).lossSum();
      }
      assertThat(model.evaluate(rows).lossSum()).isCloseTo(alone, within(1e-5 * alone));
    }
  }

  @ParameterizedTest
  @MethodSource("io.loraoperator.model.Fixture#names")
  void theEstimateCountsEveryWeight(String name) {
    Fixture fixture = Fixture.read(name);
    Architecture architecture = fixture.architecture();
    long stored =
        fixture.weights().tensors().values().stream().mapToLong(HostTensor::elements).sum();
    MemoryEstimate estimate =
        MemoryEstimate.of(
            architecture, Precision.FLOAT32, null, null, Stream.of(new int[] {30}), false);
    assertThat(estimate.weights()).isEqualTo(stored * Float.BYTES);
    try (FineTunableModel model = fixture.model(fixture.lora())) {
      assertThat(model.parameterCount() - model.trainableParameterCount()).isEqualTo(stored);
    }
  }

  @ParameterizedTest
  @MethodSource("io.loraoperator.model.Fixture#names")
  void nothingIsLeftOpen(String name) {
    Fixture fixture = Fixture.read(name);
    long before = Tensor.open();
    try (FineTunableModel model = fixture.model()) {
      model.accumulate(fixture.rows(), 1, new StepKey(1, 1, 0));
      long after = Tensor.open();
      model.accumulate(fixture.rows(), 1, new StepKey(1, 2, 0));
      assertThat(Tensor.open()).isEqualTo(after);
    }
    assertThat(Tensor.open()).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("io.loraoperator.model.Fixture#names")
  void everyLinearModuleCanBeAdaptedAndHasADefault(String name) {
    Fixture fixture = Fixture.read(name);
    Architecture architecture = fixture.architecture();
    assertThat(architecture.linearModules())
        .anySatisfy(
            module -> assertThat(architecture.defaultTargets()).anyMatch(t -> module.endsWith(t)));
    var all = new LoraConfig(2, 4, 0, List.of(LoraConfig.ALL_LINEAR), 1);
    try (FineTunableModel model = fixture.model(all)) {
      long modules = architecture.projections().stream().mapToLong(p -> p.members().size()).sum();
      assertThat(model.adapter()).hasSize(Math.toIntExact(2 * modules));
    }
  }
}
