package io.loraoperator.operator.observe;

import java.time.Instant;

/**
 * A warning event about a child.
 *
 * @param object name of the Job or Pod
 * @param reason such as {@code FailedCreate} or {@code FailedMount}
 * @param message the component's words
 * @param time when it was seen last
 */
public record Warning(String object, String reason, String message, Instant time) {}
