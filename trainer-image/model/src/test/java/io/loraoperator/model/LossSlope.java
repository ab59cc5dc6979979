package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.torch.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Predicate;

/** How the loss changes along a direction: what gradients are where no reference has ours. */
final class LossSlope {

  private static final double STEP = 1e-3;

  private LossSlope() {}

  /**
   * Checks gradients against a central difference along one random direction.
   *
   * @param adapter where the model stands; it stands beside it afterwards
   * @param moved the tensors that the direction is in
   */
  static void isTheGradient(
      FineTunableModel model,
      Map<String, HostTensor> adapter,
      Predicate<String> moved,
      List<Row> rows,
      StepKey key) {
    Random random = new Random(3);
    model.accumulate(rows, 1, key);
    Map<String, HostTensor> gradients = model.gradients();
    Map<String, HostTensor> directions = new LinkedHashMap<>();
    double slope = 0;
    for (String name : adapter.keySet()) {
      if (!moved.test(name)) {
        continue;
      }
      HostTensor direction = copy(Objects.requireNonNull(adapter.get(name)));
      direction.data().fill((byte) 0);
      change(direction, 1, random);
      directions.put(name, direction);
      float[] d = SafetensorsFixture.floats(direction);
      float[] g = SafetensorsFixture.floats(gradients.get(name));
      for (int i = 0; i < d.length; i++) {
        slope += (double) d[i] * g[i];
      }
    }
    double difference =
        lossAlong(model, adapter, directions, STEP, rows, key)
            - lossAlong(model, adapter, directions, -STEP, rows, key);
    assertThat(Math.abs(slope)).isGreaterThan(1);
    assertThat(difference / (2 * STEP)).isCloseTo(slope, within(2e-3 * Math.abs(slope)));
  }

  private static double lossAlong(
      FineTunableModel model,
      Map<String, HostTensor> adapter,
      Map<String, HostTensor> directions,
      double step,
      List<Row> rows,
      StepKey key) {
    Map<String, HostTensor> moved = new LinkedHashMap<>(adapter);
    directions.forEach((name, direction) -> {
      HostTensor tensor = copy(Objects.requireNonNull(adapter.get(name)));
      float[] d = SafetensorsFixture.floats(direction);
      for (int i = 0; i < d.length; i++) {
        add(tensor, i, step * d[i]);
      }
      moved.put(name, tensor);
    });
    model.loadAdapter(moved);
    return model.accumulate(rows, 1, key);
  }

  /** Adds normal noise to a tensor's values. */
  static void change(HostTensor tensor, double by, Random random) {
    for (int i = 0; i < tensor.elements(); i++) {
      add(tensor, i, by * random.nextGaussian());
    }
  }

  private static HostTensor copy(HostTensor tensor) {
    float[] values = SafetensorsFixture.floats(tensor);
    return new HostTensor(tensor.dtype(), tensor.shape(), MemorySegment.ofArray(values));
  }

  private static void add(HostTensor tensor, int i, double value) {
    float old = tensor.data().getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
    tensor.data().setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, old + (float) value);
  }
}
