package io.loraoperator.trainer.loop;

/**
 * What an optimizer step did.
 *
 * @param step from 1
 * @param lossSum sum of the losses of its trained tokens
 * @param trainedTokens how many there were
 * @param tokens of its rows, those of the prompts included
 * @param gradientNorm before clipping
 */
public record StepResult(
    int step,
    double lossSum,
    long trainedTokens,
    long tokens,
    double learningRate,
    double gradientNorm) {}
