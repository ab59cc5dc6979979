package io.loraoperator.trainer.batch;

import io.loraoperator.checkpoint.FileDigest;
import io.loraoperator.contract.FineTuneSpec.Extent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which rows come in which optimizer step. Everything follows from the step's number, so that a run
 * goes on anywhere.
 *
 * <p>The count is transformers': an epoch has ceil(rows / batchSize) micro-batches, of which every
 * {@code accumulation} make a step; what is left at its end makes a smaller one. The whole run has
 * ceil(epochs × steps of an epoch) steps.
 */
public final class StepPlan {

  private final RowSequences sequences;
  private final int batchSize;
  private final int accumulation;
  private final RowOrder order;
  private final long seed;
  private final int stepsPerEpoch;
  private final int totalSteps;
  private int cachedEpoch = -1;
  private int[] cachedOrder = {};

  /**
   * Plans a run.
   *
   * @param sequences of the used rows, at least one
   * @param batchSize sequences of a micro-batch
   * @param accumulation micro-batches of a step
   */
  public StepPlan(
      RowSequences sequences,
      int batchSize,
      int accumulation,
      Extent extent,
      RowOrder order,
      long seed) {
    if (sequences.count() < 1) {
      throw new IllegalArgumentException("a plan needs a row");
    }
    this.sequences = sequences;
    this.batchSize = batchSize;
    this.accumulation = accumulation;
    this.order = order;
    this.seed = seed;
    this.stepsPerEpoch = Math.ceilDiv(Math.ceilDiv(sequences.count(), batchSize), accumulation);
    this.totalSteps =
        switch (extent) {
          case Extent.MaxSteps fixed -> fixed.maxSteps();
          // In floating point, as transformers.
          case Extent.Epochs passes ->
              (int) Math.ceil(passes.epochs().doubleValue() * stepsPerEpoch);
        };
  }

  /** Sequences of one pass over the rows: the rows themselves, or fewer that are packed. */
  public int sequences() {
    return sequences.count();
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
    int[] inOrder = order(epoch);
    List<int[]> batches = new ArrayList<>();
    for (int i = 0; i < accumulation; i++) {
      int from = first + i * batchSize;
      if (from < inOrder.length) {
        int to = Math.min(from + batchSize, inOrder.length);
        batches.add(sequences.rowsOf(Arrays.copyOfRange(inOrder, from, to)));
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
      cachedOrder = order.epoch(sequences.lengths(), batchSize * accumulation, seed, epoch);
      cachedEpoch = epoch;
    }
    return cachedOrder;
  }
}
