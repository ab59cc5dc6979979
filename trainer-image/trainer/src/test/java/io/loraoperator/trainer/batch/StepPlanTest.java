package io.loraoperator.trainer.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.contract.FineTuneSpec.Extent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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
    return new StepPlan(
        RowSequences.single(new int[rows]),
        batch,
        accumulation,
        extent,
        shuffle ? RowOrder.SHUFFLED : RowOrder.GIVEN,
        42);
  }

  private static int[] lengths(int n) {
    SplitMix random = new SplitMix(7, 0);
    return IntStream.range(0, n).map(i -> 1 + random.nextInt(100)).toArray();
  }

  @Test
  void packsEveryRowOnceAndNothingTooLong() {
    int[] lengths = lengths(1000);
    lengths[17] = 300;
    RowSequences packed = RowSequences.packed(lengths, 200);
    assertThat(packed.rows().stream().flatMapToInt(Arrays::stream).sorted().toArray())
        .containsExactly(IntStream.range(0, 1000).toArray());
    for (int i = 0; i < packed.count(); i++) {
      int[] rows = packed.rows().get(i);
      int length = Arrays.stream(rows).map(row -> lengths[row]).sum();
      assertThat(packed.lengths()[i]).isEqualTo(length);
      assertThat(length <= 200 || rows.length == 1).isTrue();
      assertThat(rows).isSorted();
    }
    // At least as many are needed as the tokens fill; best-fit decreasing stays close to that.
    int least = Math.ceilDiv(Arrays.stream(lengths).sum(), 200);
    assertThat(packed.count()).isBetween(least, least + least / 20);
    RowSequences again = RowSequences.packed(lengths, 200);
    assertThat(again.rows()).containsExactly(packed.rows().toArray(int[][]::new));
  }

  @Test
  void packsIntoTheFullestSequenceWithRoom() {
    assertThat(RowSequences.packed(new int[] {3, 6, 4, 2, 5}, 10).rows())
        .containsExactly(new int[] {1, 2}, new int[] {0, 3, 4});
  }

  @ParameterizedTest
  @EnumSource(RowOrder.class)
  void anEpochOfPackedRowsHasEveryRowOnceAndResumesAnywhere(RowOrder order) {
    int[] lengths = lengths(203);
    RowSequences packed = RowSequences.packed(lengths, 150);
    StepPlan plan = new StepPlan(packed, 3, 2, new Extent.Epochs(new BigDecimal(2)), order, 42);
    assertThat(plan.stepsPerEpoch()).isEqualTo(Math.ceilDiv(Math.ceilDiv(packed.count(), 3), 2));
    assertThat(plan.totalSteps()).isEqualTo(2 * plan.stepsPerEpoch());
    List<Integer> seen = new ArrayList<>();
    for (int step = 1; step <= plan.stepsPerEpoch(); step++) {
      plan.microBatches(step).forEach(batch -> Arrays.stream(batch).forEach(seen::add));
    }
    assertThat(seen).hasSize(203).doesNotHaveDuplicates();
    StepPlan later = new StepPlan(packed, 3, 2, new Extent.Epochs(new BigDecimal(2)), order, 42);
    int step = plan.stepsPerEpoch() + 2;
    assertThat(later.microBatches(step))
        .containsExactly(plan.microBatches(step).toArray(int[][]::new));
  }

  @Test
  void likeLengthsComeTogetherAndTheLongestFirst() {
    int[] lengths = lengths(1000);
    int stepSize = 8;
    int[] order = RowOrder.BY_LENGTH.epoch(lengths, stepSize, 42, 0);
    assertThat(lengths[order[0]]).isEqualTo(Arrays.stream(lengths).max().orElseThrow());
    assertThat(Arrays.stream(order).sorted().toArray())
        .containsExactly(IntStream.range(0, 1000).toArray());
    assertThat(spread(lengths, order, stepSize))
        .isLessThan(spread(lengths, Shuffle.epoch(1000, 42, 0), stepSize) / 5);
    assertThat(RowOrder.BY_LENGTH.epoch(lengths, stepSize, 42, 1)).isNotEqualTo(order);
  }

  /** Mean difference of the longest and the shortest row of a step. */
  private static double spread(int[] lengths, int[] order, int stepSize) {
    return IntStream.range(0, order.length / stepSize)
        .mapToObj(step ->
            Arrays.stream(order, step * stepSize, (step + 1) * stepSize)
                .map(row -> lengths[row])
                .summaryStatistics())
        .mapToInt(step -> step.getMax() - step.getMin())
        .average()
        .orElseThrow();
  }
}
