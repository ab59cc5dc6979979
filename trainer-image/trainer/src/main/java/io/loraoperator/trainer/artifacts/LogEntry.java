package io.loraoperator.trainer.artifacts;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A line of {@code training_log.jsonl}.
 *
 * @param time when it was logged, to the millisecond
 * @param loss mean over the trained tokens since the line before; null where only an evaluation is
 *     logged
 * @param gradNorm of the step, before clipping
 * @param tokensSeen since the start of the run
 */
@JsonPropertyOrder({
  "time",
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
    Instant time,
    int step,
    double epoch,
    @Nullable Double loss,
    @Nullable Double learningRate,
    @Nullable Double gradNorm,
    long tokensSeen,
    @Nullable Double tokensPerSecond,
    @Nullable Double evaluationLoss,
    @Nullable Double evaluationTokenAccuracy) {}
