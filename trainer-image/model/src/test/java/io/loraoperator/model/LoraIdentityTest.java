package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold of adapters whatever the numbers are. */
class LoraIdentityTest {

  private final Fixture fixture = Fixture.read("llama-tied");
  private final List<Row> rows = fixture.rows();
  private final double scale = 1.0 / Fixture.trainedTokens(rows);
  private final StepKey key = new StepKey(1, 1, 0);

  @Test
  void onlyAAndBAreTrainedAndTheBaseStaysAsItWas() {
    int[] ids = rows.getFirst().ids();
    try (FineTunableModel model = fixture.model(fixture.lora());
        AdamW optimizer = model.optimizer(AdamWConfig.DEFAULT)) {
      Map<String, HostTensor> start = model.adapter();
      float[] before = model.logits(ids);
      assertThat(start.keySet())
          .allMatch(n -> n.matches("base_model\\.model\\..*\\.lora_[AB]\\.weight"));
      assertThat(model.trainableParameterCount())
          .isEqualTo(start.values().stream().mapToLong(HostTensor::elements).sum());

      model.accumulate(rows, scale, key);
      model
          .gradients()
          .forEach((name, gradient) -> {
            // B is zero, so A has no gradient yet, and every B has one.
            double largest = Fixture.largest(Map.of(name, gradient));
            if (name.contains("lora_A")) {
              assertThat(largest).as(name).isZero();
            } else {
              assertThat(largest).as(name).isPositive();
            }
          });

      optimizer.step(1e-2, 0);
      assertThat(model.logits(ids)).isNotEqualTo(before);
      assertThat(Fixture.largest(model.gradients())).as("cleared by the step").isZero();
      model.loadAdapter(start);
      assertThat(model.logits(ids)).as("the base's weights").isEqualTo(before);
    }
  }

  @Test
  void aHasTheBoundsOfKaimingUniformAndDependsOnTheSeed() {
    try (FineTunableModel model = fixture.model(lora(0, "q_proj"));
        FineTunableModel same = fixture.model(lora(0, "q_proj", "v_proj"));
        FineTunableModel other = fixture.model(new LoraConfig(4, 8, 0, List.of("q_proj"), 99))) {
      String name = "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight";
      float[] a = SafetensorsFixture.floats(model.adapter().get(name));
      double bound = 1 / Math.sqrt(fixture.architecture().hiddenSize());
      double squares = 0;
      for (float value : a) {
        assertThat((double) Math.abs(value)).isLessThanOrEqualTo(bound);
        squares += value * value;
      }
      assertThat(Math.sqrt(squares / a.length))
          .isBetween(0.8 * bound / Math.sqrt(3), 1.2 * bound / Math.sqrt(3));
      assertThat(SafetensorsFixture.floats(same.adapter().get(name))).isEqualTo(a);
      assertThat(SafetensorsFixture.floats(other.adapter().get(name))).isNotEqualTo(a);
    }
  }

  /** Leaving modules out skips work below them, but not a bit of the gradients that remain. */
  @ParameterizedTest
  @ValueSource(strings = {"q_proj", "o_proj", "up_proj", "down_proj"})
  void oneTargetHasTheGradientItHasAmongAll(String target) {
    try (FineTunableModel one = fixture.model(lora(0, target));
        FineTunableModel all = fixture.model(fixture.lora())) {
      Map<String, HostTensor> adapter = all.adapter();
      Map<String, HostTensor> part = new LinkedHashMap<>();
      fixture
          .adapter()
          .forEach((name, tensor) -> {
            if (name.contains("." + target + ".")) {
              adapter.put(name, tensor);
              part.put(name, tensor);
            }
          });
      all.loadAdapter(adapter);
      one.loadAdapter(part);
      double loss = one.accumulate(rows, scale, key);
      assertThat(all.accumulate(rows, scale, key)).isCloseTo(loss, within(1e-3));
      Map<String, HostTensor> expected = new LinkedHashMap<>(all.gradients());
      expected.keySet().retainAll(part.keySet());
      assertThat(Fixture.largestDifference(one.gradients(), expected))
          .isLessThanOrEqualTo(1e-5 * Fixture.largest(expected));
    }
  }

  @Test
  void rowsDoNotSeeEachOther() {
    try (FineTunableModel together = fixture.model();
        FineTunableModel apart = fixture.model()) {
      double loss = together.accumulate(rows, scale, key);
      double sum = 0;
      for (Row row : rows) {
        sum += apart.accumulate(List.of(row), scale, key);
      }
      assertThat(sum).isCloseTo(loss, within(1e-5 * loss));
      assertThat(Fixture.largestDifference(together.gradients(), apart.gradients()))
          .isLessThanOrEqualTo(1e-5 * Fixture.largest(apart.gradients()));
      assertThat(together.evaluate(rows).lossSum()).isCloseTo(loss, within(1e-5 * loss));
    }
  }

  @Test
  void aWrongAdapterIsRefusedByName() {
    try (FineTunableModel model = fixture.model(fixture.lora())) {
      Map<String, HostTensor> adapter = model.adapter();
      String name = adapter.keySet().iterator().next();
      Map<String, HostTensor> missing = new LinkedHashMap<>(adapter);
      missing.remove(name);
      refused(model, missing, name);
      Map<String, HostTensor> extra = new LinkedHashMap<>(adapter);
      extra.put("base_model.model.lm_head.lora_A.weight", adapter.get(name));
      refused(model, extra, "lm_head");
      Map<String, HostTensor> misshapen = new LinkedHashMap<>(adapter);
      misshapen.put(
          name, new HostTensor(DType.FLOAT32, new long[] {1}, Arena.ofAuto().allocate(4)));
      refused(model, misshapen, name);
    }
  }

  private static void refused(
      FineTunableModel model, Map<String, HostTensor> adapter, String name) {
    assertThatThrownBy(() -> model.loadAdapter(adapter))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining(name);
  }

  @Test
  void theOptimizersStateGoesOnWhereItWas() {
    try (FineTunableModel straight = fixture.model();
        FineTunableModel resumed = fixture.model();
        AdamW one = straight.optimizer(AdamWConfig.DEFAULT)) {
      train(straight, one, 1, 2);
      Map<String, HostTensor> adapter = straight.adapter();
      Map<String, HostTensor> state = one.state();
      train(straight, one, 3, 4);
      resumed.loadAdapter(adapter);
      try (AdamW two = resumed.optimizer(AdamWConfig.DEFAULT)) {
        two.loadState(state);
        train(resumed, two, 3, 4);
      }
      assertThat(bytes(resumed.adapter())).isEqualTo(bytes(straight.adapter()));
    }
  }

  private void train(FineTunableModel model, AdamW optimizer, int from, int to) {
    for (int step = from; step <= to; step++) {
      model.accumulate(rows, scale, new StepKey(1, step, 0));
      optimizer.step(1e-2, 1);
    }
  }

  private static Map<String, List<Byte>> bytes(Map<String, HostTensor> tensors) {
    Map<String, List<Byte>> result = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      List<Byte> list = new ArrayList<>();
      MemorySegment data = tensor.data();
      for (long i = 0; i < data.byteSize(); i++) {
        list.add(data.get(ValueLayout.JAVA_BYTE, i));
      }
      result.put(name, list);
    });
    return result;
  }

  private LoraConfig lora(double dropout, String... targets) {
    return new LoraConfig(4, 6, dropout, List.of(targets), 1);
  }
}
