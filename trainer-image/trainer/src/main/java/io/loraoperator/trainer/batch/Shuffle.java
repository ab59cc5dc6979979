package io.loraoperator.trainer.batch;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Random orders of rows, each a function of a seed and of what it is for. */
public final class Shuffle {

  /** The stream of the evaluation split; epochs have 0, 1, 2, … */
  private static final long SPLIT_STREAM = -1;

  private Shuffle() {}

  /** The places 0 to n - 1 in the order of an epoch. */
  public static int[] epoch(int n, long seed, long epoch) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    SplitMix random = new SplitMix(seed, epoch);
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  /** Places of the rows of either part, in their order. */
  public record Split(List<Integer> train, List<Integer> evaluation) {}

  /**
   * Takes a part of the rows out for evaluation: at least one row, and at least one is left.
   *
   * @param n rows, at least 2
   */
  public static Split split(int n, BigDecimal fraction, long seed) {
    int wanted =
        fraction.multiply(BigDecimal.valueOf(n)).setScale(0, RoundingMode.HALF_UP).intValue();
    int held = Math.clamp(wanted, 1, n - 1);
    int[] order = epoch(n, seed, SPLIT_STREAM);
    List<Integer> evaluation = new ArrayList<>();
    List<Integer> train = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      (i < held ? evaluation : train).add(order[i]);
    }
    Collections.sort(evaluation);
    Collections.sort(train);
    return new Split(train, evaluation);
  }
}
