package io.loraoperator.model;

/**
 * The adapter of one module.
 *
 * @param rank rows of A and columns of B
 * @param scaling the factor s of B A x
 */
public record LoraShape(int rank, double scaling) {}
