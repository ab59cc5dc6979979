package io.loraoperator.trainer.artifacts;

import org.jspecify.annotations.Nullable;

/**
 * A line of {@code samples.jsonl}.
 *
 * @param before the answer before training
 * @param after the answer after training; null until then
 */
public record Sample(String prompt, String before, @Nullable String after) {}
