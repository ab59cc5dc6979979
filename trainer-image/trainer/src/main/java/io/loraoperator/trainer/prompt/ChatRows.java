package io.loraoperator.trainer.prompt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.trainer.dataset.DataRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads conversations from rows: a list of messages with {@code role} and {@code content}, or with
 * ShareGPT's {@code from} and {@code value}; a column {@code tools} beside it describes functions.
 * In formats without lists, both are JSON text.
 */
final class ChatRows {

  private static final String TOOLS = "tools";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** ShareGPT's names of the speakers. */
  private static final Map<String, String> SHARE_GPT =
      Map.of(
          "human", "user",
          "gpt", "assistant",
          "function_call", "assistant",
          "observation", "tool",
          "function_response", "tool");

  private final String field;

  ChatRows(String field) {
    this.field = field;
  }

  /**
   * The conversation of a row.
   *
   * @throws io.loraoperator.trainer.RunFailure naming file, line and field if there is none
   */
  Chat read(DataRow row) {
    List<@Nullable Object> items = list(row, field);
    if (items == null) {
      throw row.invalid("field \"%s\" must be a list of messages, not null".formatted(field));
    }
    if (items.isEmpty()) {
      throw row.invalid("field \"%s\" has no message".formatted(field));
    }
    List<Map<String, @Nullable Object>> messages = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      messages.add(message(row, items.get(i), "%s[%d]".formatted(field, i)));
    }
    return new Chat(messages, row.fields().get(TOOLS) == null ? null : list(row, TOOLS));
  }

  private @Nullable List<@Nullable Object> list(DataRow row, String name) {
    if (!row.fields().containsKey(name)) {
      throw row.invalid(
          "there is no field \"%s\"; the row has %s"
              .formatted(name, String.join(", ", row.fields().keySet())));
    }
    Object value = row.fields().get(name);
    if (value instanceof String json) {
      try {
        return json.isBlank() ? null : JSON.readValue(json, new TypeReference<>() {});
      } catch (JsonProcessingException e) {
        throw row.invalid(
            "field \"%s\" is no JSON list: %s".formatted(name, e.getOriginalMessage()));
      }
    }
    if (value != null && !(value instanceof List)) {
      throw row.invalid("field \"%s\" must be a list".formatted(name));
    }
    return value == null ? null : new ArrayList<>((List<?>) value);
  }

  private static Map<String, @Nullable Object> message(
      DataRow row, @Nullable Object item, String place) {
    if (!(item instanceof Map<?, ?> map)) {
      throw row.invalid("%s must be an object with role and content".formatted(place));
    }
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    map.forEach((name, value) -> message.put(String.valueOf(name), value));
    if (message.get("from") instanceof String speaker && !message.containsKey("role")) {
      message.remove("from");
      message.put("role", SHARE_GPT.getOrDefault(speaker, speaker));
      message.put("content", message.remove("value"));
    }
    if (!(message.get("role") instanceof String)) {
      throw row.invalid("%s has no role".formatted(place));
    }
    if (!message.containsKey("content") && !message.containsKey("tool_calls")) {
      throw row.invalid("%s has no content".formatted(place));
    }
    return message;
  }
}
