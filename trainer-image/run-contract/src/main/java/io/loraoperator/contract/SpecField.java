package io.loraoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * One field of {@code spec}.
 *
 * @param path from {@code spec}, with dots: {@code training.batchSize}
 * @param kind what a change means
 * @param type the values it may take
 * @param defaultValue what counts where the field is absent; null if absent means "none"
 */
public record SpecField(
    String path, FieldKind kind, FieldType type, @Nullable JsonNode defaultValue) {}
