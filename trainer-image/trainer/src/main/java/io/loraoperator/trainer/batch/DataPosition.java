package io.loraoperator.trainer.batch;

/**
 * Where a run is in its data. All of it follows from the step and the specification; a checkpoint
 * keeps it so that a trainer which would order the rows otherwise does not go on with it.
 *
 * @param epoch the pass over the rows that the next step belongs to, from 0
 * @param row the place in the pass' order at which the next step begins
 * @param order SHA-256 of the pass' order of rows
 * @param totalSteps of the run
 */
public record DataPosition(int epoch, int row, String order, int totalSteps) {}
