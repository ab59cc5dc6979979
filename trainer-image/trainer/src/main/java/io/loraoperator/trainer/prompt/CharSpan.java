package io.loraoperator.trainer.prompt;

/**
 * A part of a text, in UTF-16 units.
 *
 * @param start its first unit
 * @param end one past its last unit
 */
public record CharSpan(int start, int end) {}
