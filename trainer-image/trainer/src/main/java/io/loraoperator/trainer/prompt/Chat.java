package io.loraoperator.trainer.prompt;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A conversation.
 *
 * @param messages each with at least a {@code role}; further fields are the template's business
 * @param tools descriptions of functions as JSON; null if there are none
 */
public record Chat(
    List<Map<String, @Nullable Object>> messages, @Nullable List<@Nullable Object> tools) {}
