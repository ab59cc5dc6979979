package io.loraoperator.model;

import java.util.OptionalInt;

/**
 * A generated continuation.
 *
 * @param ids the new tokens, without the prompt and without the token that stopped it
 * @param stoppedBy the stop token, or empty if the limit was reached first, or it was ended
 */
@SuppressWarnings("ArrayRecordComponent") // a value handed over once, never compared
public record Generation(int[] ids, OptionalInt stoppedBy) {}
