package io.loraoperator.model;

/**
 * What the random draws of one micro-batch depend on: nothing else, so that a resumed run draws the
 * same.
 *
 * @param seed the run's seed
 * @param step optimizer step, from 1
 * @param microBatch micro-batch within the step, from 0
 */
public record StepKey(long seed, long step, int microBatch) {}
