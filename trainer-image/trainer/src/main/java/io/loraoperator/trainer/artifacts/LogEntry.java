package io.loraoperator.trainer.artifacts;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;

/**
 * A line of {@code training_log.jsonl}.
 *
 * @param loss mean over the trained tokens since the line before; null where only an evaluation is
 *     logged
 * @param gradNorm of the step, before clipping
 * @param tokensSeen since the start of the run
 */
@JsonPropertyOrder({
  "step",
  "epoch",
  "loss",
  "learningRate",
  "gradNorm",
  "tokensSeen",
  "tokensPerSecond",
  "evaluationLoss",
  "evaluationTokenAccuracy"
})
public record LogEntry(
    int step,
    double epoch,
    @Nullable Double loss,
    @Nullable Double learningRate,
    @Nullable Double gradNorm,
    long tokensSeen,
    @Nullable Double tokensPerSecond,
    @Nullable Double evaluationLoss,
    @Nullable Double evaluationTokenAccuracy) {}
