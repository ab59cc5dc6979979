package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.torch.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Float32 numbers against transformers' and PEFT's, on random models of odd shapes. */
class TransformersParityTest {

  /** Row of the fixture whose logits it holds. */
  private static final int LOGITS_ROW = 4;

  @ParameterizedTest
  @MethodSource("io.loraoperator.model.Fixture#names")
  void logitsEqualTransformers(String name) {
    Fixture fixture = Fixture.read(name);
    int[] ids = fixture.rows().get(LOGITS_ROW).ids();
    try (FineTunableModel base = fixture.model(null);
        FineTunableModel fresh = fixture.model(fixture.lora());
        FineTunableModel adapted = fixture.model()) {
      float[] logits = base.logits(ids);
      assertThat(difference(logits, fixture, "logits")).isLessThanOrEqualTo(1e-4);
      assertThat(difference(adapted.logits(ids), fixture, "adapted_logits"))
          .isLessThanOrEqualTo(1e-4);
      // B = 0 changes nothing, to the bit; B != 0 does, by far more than the tolerance.
      assertThat(fresh.logits(ids)).isEqualTo(logits);
      assertThat(difference(adapted.logits(ids), fixture, "logits")).isGreaterThan(0.1);
    }
  }

  @ParameterizedTest
  @MethodSource("io.loraoperator.model.Fixture#names")
  void gradientsEqualPeft(String name) {
    Fixture fixture = Fixture.read(name);
    List<Row> rows = fixture.rows();
    long tokens = Fixture.trainedTokens(rows);
    assertThat(tokens).isEqualTo(fixture.facts().get("trainedTokens").asLong());
    try (FineTunableModel model = fixture.model()) {
      double loss = model.accumulate(rows, 1.0 / tokens, new StepKey(1, 1, 0));
      assertThat(loss)
          .isCloseTo(fixture.facts().get("lossSum").asDouble(), within(1e-5 * Math.abs(loss)));
      Map<String, HostTensor> gradients = model.gradients();
      Map<String, HostTensor> expected = fixture.expected().under("gradient.");
      assertThat(Fixture.largestDifference(gradients, expected))
          .isLessThanOrEqualTo(1e-5 * Fixture.largest(expected));
      // The same check tells a gradient that is off by 0.1 % apart.
      model.accumulate(rows, 0.001 / tokens, new StepKey(1, 1, 0));
      assertThat(Fixture.largestDifference(model.gradients(), expected))
          .isGreaterThan(1e-5 * Fixture.largest(expected));
    }
  }

  @ParameterizedTest
  @MethodSource("io.loraoperator.model.Fixture#names")
  void tenStepsOfAdamWEqualTorchs(String name) {
    Fixture fixture = Fixture.read(name);
    List<Row> rows = fixture.rows();
    double scale = 1.0 / Fixture.trainedTokens(rows);
    double[] losses = new double[10];
    double[] norms = new double[10];
    try (FineTunableModel model = fixture.model();
        AdamW optimizer =
            model.optimizer(
                new AdamWConfig(0.9, 0.999, 1e-8, fixture.facts().get("weightDecay").asDouble()))) {
      for (int step = 0; step < losses.length; step++) {
        double sum = model.accumulate(rows.subList(0, 2), scale, new StepKey(1, step + 1, 0));
        sum += model.accumulate(rows.subList(2, rows.size()), scale, new StepKey(1, step + 1, 1));
        losses[step] = sum * scale;
        norms[step] =
            optimizer.step(
                fixture.facts().get("learningRate").asDouble(),
                fixture.facts().get("maxGradientNorm").asDouble());
      }
      assertThat(norms).containsExactly(doubles(fixture, "gradientNorms"), within(1e-4));
      assertThat(losses).containsExactly(doubles(fixture, "losses"), within(1e-5));
      // Adam divides by the root of the square: where gradients are near zero the weights differ
      // by a share of the learning rate; most are equal to 1e-6.
      assertThat(Fixture.largestDifference(model.adapter(), fixture.expected().under("trained.")))
          .isLessThanOrEqualTo(1e-3);
    }
  }

  @ParameterizedTest
  @MethodSource("io.loraoperator.model.Fixture#names")
  void greedyGenerationIsTransformersTokenForToken(String name) {
    Fixture fixture = Fixture.read(name);
    int[] prompt = Fixture.ints(fixture.facts().at("/greedy/prompt"));
    int[] expected = Fixture.ints(fixture.facts().at("/greedy/new"));
    try (FineTunableModel model = fixture.model(null)) {
      List<Integer> streamed = new ArrayList<>();
      Generation generation =
          model.generate(prompt, expected.length, Set.of(), Sampling.GREEDY, streamed::add);
      assertThat(generation.ids()).containsExactly(expected);
      assertThat(streamed).hasSize(expected.length);
      assertThat(generation.stoppedBy()).isEmpty();
      Generation stopped =
          model.generate(prompt, 40, Set.of(expected[2]), Sampling.GREEDY, token -> true);
      assertThat(stopped.stoppedBy()).hasValue(expected[2]);
      assertThat(stopped.ids().length).isLessThanOrEqualTo(2);
    }
  }

  private static double[] doubles(Fixture fixture, String field) {
    return Fixture.doubles(fixture.facts().get(field));
  }

  private static double difference(float[] logits, Fixture fixture, String tensor) {
    return Fixture.largestDifference(
        logits, SafetensorsFixture.floats(fixture.expected().tensors().get(tensor)));
  }
}
