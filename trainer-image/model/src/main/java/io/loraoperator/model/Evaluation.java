package io.loraoperator.model;

/**
 * What rows cost under the model.
 *
 * @param lossSum sum of the cross entropies of the trained tokens, in nats
 * @param trainedTokens how many there are
 * @param correctTokens how many of them the model finds the most probable
 */
public record Evaluation(double lossSum, long trainedTokens, long correctTokens) {}
