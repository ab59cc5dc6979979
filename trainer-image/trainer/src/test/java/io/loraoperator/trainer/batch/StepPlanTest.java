package io.loraoperator.trainer.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.contract.FineTuneSpec.Extent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepPlanTest {

  @ParameterizedTest
  @CsvSource({
    // rows, batch, accumulation, epochs, steps
    "10000, 2, 1, 3, 15000",
    "10000, 2, 2, 3, 7500",
    "10, 3, 2, 1, 2",
    "10, 3, 2, 2.5, 5",
    "1, 8, 4, 1, 1",
    "7, 2, 4, 3, 3",
    "9, 2, 4, 3, 6",
    "100, 1, 1, 0.07, 8"
  })
  void countsStepsAsTransformers(int rows, int batch, int accumulation, String epochs, int steps) {
    assertThat(
            plan(rows, batch, accumulation, new Extent.Epochs(new BigDecimal(epochs)), true)
                .totalSteps())
        .isEqualTo(steps);
  }

  @Test
  void everyEpochHasEveryRowOnceInAnOrderOfItsOwn() {
    StepPlan plan = plan(11, 2, 2, new Extent.MaxSteps(9), true);
    assertThat(plan.totalSteps()).isEqualTo(9);
    List<List<Integer>> epochs = new ArrayList<>();
    for (int epoch = 0; epoch < 3; epoch++) {
      List<Integer> seen = new ArrayList<>();
      for (int step = 1; step <= plan.stepsPerEpoch(); step++) {
        for (int[] batch : plan.microBatches(epoch * plan.stepsPerEpoch() + step)) {
          Arrays.stream(batch).forEach(seen::add);
        }
      }
      assertThat(seen).hasSize(11).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
      epochs.add(seen);
    }
    assertThat(new HashSet<>(epochs)).hasSize(3);
  }

  @Test
  void theLastStepOfAnEpochIsSmaller() {
    StepPlan plan = plan(11, 2, 4, new Extent.MaxSteps(4), false);
    assertThat(plan.microBatches(1)).hasSize(4);
    assertThat(plan.microBatches(2)).extracting(batch -> batch.length).containsExactly(2, 1);
  }

  @Test
  void aStepIsTheSameWhereverOneBegins() {
    StepPlan through = plan(50, 3, 2, new Extent.MaxSteps(40), true);
    for (int step = 1; step <= 33; step++) {
      through.microBatches(step);
    }
    assertThat(plan(50, 3, 2, new Extent.MaxSteps(40), true).microBatches(34))
        .containsExactly(through.microBatches(34).toArray(int[][]::new));
  }

  @ParameterizedTest
  @CsvSource({"10, 0.05, 1", "100, 0.05, 5", "2, 0.99, 1", "3, 0.5, 2"})
  void splitsRows(int rows, String fraction, int held) {
    Shuffle.Split split = Shuffle.split(rows, new BigDecimal(fraction), 42);
    assertThat(split.evaluation()).hasSize(held).isSorted();
    assertThat(split.train())
        .hasSize(rows - held)
        .isSorted()
        .doesNotContainAnyElementsOf(split.evaluation());
    assertThat(Shuffle.split(rows, new BigDecimal(fraction), 42)).isEqualTo(split);
  }

  private static StepPlan plan(
      int rows, int batch, int accumulation, Extent extent, boolean shuffle) {
    return new StepPlan(rows, batch, accumulation, extent, shuffle, 42);
  }
}
