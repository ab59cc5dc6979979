package io.loraoperator.trainer.batch;

import io.loraoperator.checkpoint.FileDigest;
import io.loraoperator.contract.FineTuneSpec.Extent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which rows come in which optimizer step. Everything follows from the step's number, so that a run
 * goes on anywhere.
 *
 * <p>The count is transformers': an epoch has ceil(rows / batchSize) micro-batches, of which every
 * {@code accumulation} make a step; what is left at its end makes a smaller one. The whole run has
 * ceil(epochs × steps of an epoch) steps.
 */
public final class StepPlan {

  private final int rows;
  private final int batchSize;
  private final int accumulation;
  private final boolean shuffle;
  private final long seed;
  private final int stepsPerEpoch;
  private final int totalSteps;
  private int cachedEpoch = -1;
  private int[] cachedOrder = {};

  /**
   * Plans a run.
   *
   * @param rows used rows, at least 1
   * @param accumulation micro-batches of a step
   */
  public StepPlan(
      int rows, int batchSize, int accumulation, Extent extent, boolean shuffle, long seed) {
    if (rows < 1) {
      throw new IllegalArgumentException("a plan needs a row");
    }
    this.rows = rows;
    this.batchSize = batchSize;
    this.accumulation = accumulation;
    this.shuffle = shuffle;
    this.seed = seed;
    this.stepsPerEpoch = Math.ceilDiv(Math.ceilDiv(rows, batchSize), accumulation);
    this.totalSteps =
        switch (extent) {
          case Extent.MaxSteps fixed -> fixed.maxSteps();
          // In floating point, as transformers.
          case Extent.Epochs passes ->
              (int) Math.ceil(passes.epochs().doubleValue() * stepsPerEpoch);
        };
  }

  /** Optimizer steps of the whole run. */
  public int totalSteps() {
    return totalSteps;
  }

  /** Optimizer steps of one pass over the rows. */
  public int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /** Passes over the rows that are done after a step. */
  public double epochAfter(int step) {
    return (double) step / stepsPerEpoch;
  }

  /** Whether a pass over the rows ends with a step. */
  public boolean endsEpoch(int step) {
    return step % stepsPerEpoch == 0;
  }

  /**
   * The micro-batches of a step, as places of rows.
   *
   * @param step from 1
   */
  public List<int[]> microBatches(int step) {
    int epoch = (step - 1) / stepsPerEpoch;
    int first = (step - 1) % stepsPerEpoch * accumulation * batchSize;
    int[] order = order(epoch);
    List<int[]> batches = new ArrayList<>();
    for (int i = 0; i < accumulation; i++) {
      int from = first + i * batchSize;
      if (from < rows) {
        batches.add(Arrays.copyOfRange(order, from, Math.min(from + batchSize, rows)));
      }
    }
    return batches;
  }

  /** Where the run is after a step. */
  public DataPosition positionAfter(int step) {
    int epoch = step / stepsPerEpoch;
    int[] order = order(epoch);
    ByteBuffer bytes = ByteBuffer.allocate(order.length * Integer.BYTES);
    bytes.asIntBuffer().put(order);
    return new DataPosition(
        epoch,
        step % stepsPerEpoch * accumulation * batchSize,
        FileDigest.sha256(bytes.array()),
        totalSteps);
  }

  private int[] order(int epoch) {
    if (epoch != cachedEpoch) {
      cachedOrder = shuffle ? Shuffle.epoch(rows, seed, epoch) : identity(rows);
      cachedEpoch = epoch;
    }
    return cachedOrder;
  }

  private static int[] identity(int n) {
    return IntStream.range(0, n).toArray();
  }
}
