package io.loraoperator.trainer.checkpoint;

import io.loraoperator.checkpoint.TrainingCheckpoint;

/**
 * A checkpoint as it was taken, in memory of its own.
 *
 * @param step after which it was taken
 * @param keepLast so many of the newest checkpoints are kept
 * @param bestStep the step that evaluated best, whose checkpoint is kept, too; 0 if there is none
 */
public record Snapshot(int step, TrainingCheckpoint content, int keepLast, int bestStep) {}
