package io.loraoperator.reporter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an earlier reporter of the same run left in the status: a restarted container and a resumed
 * run go on from there, with their transition times and their checkpoint.
 *
 * @param checkpoint null when there is none, or only one of another run
 */
record Earlier(Map<ConditionType, Condition> conditions, @Nullable ObjectNode checkpoint) {
  static final Earlier NOTHING = new Earlier(Map.of(), null);

  Earlier {
    conditions = Map.copyOf(conditions);
  }

  /** Reads what is of use for this run. */
  static Earlier of(JsonNode object, int run) {
    JsonNode status = object.path("status");
    if (status.path("progress").path("run").asInt() != run) {
      return NOTHING;
    }
    Map<ConditionType, Condition> conditions = new EnumMap<>(ConditionType.class);
    for (JsonNode node : status.path("conditions")) {
      Condition condition = condition(node);
      if (condition != null) {
        conditions.put(condition.type(), condition);
      }
    }
    JsonNode checkpoint = status.path("checkpoint");
    return new Earlier(conditions, checkpoint instanceof ObjectNode found ? found : null);
  }

  private static @Nullable Condition condition(JsonNode node) {
    String name = node.path("type").asText();
    return Arrays.stream(ConditionType.values())
        .filter(type -> type.name().equals(name))
        .findFirst()
        .map(type -> condition(type, node))
        .orElse(null);
  }

  private static @Nullable Condition condition(ConditionType type, JsonNode node) {
    try {
      return new Condition(
          type,
          Condition.Status.valueOf(node.path("status").asText()),
          node.path("reason").asText(),
          node.path("message").asText(),
          Instant.parse(node.path("lastTransitionTime").asText()));
    } catch (IllegalArgumentException | DateTimeException e) {
      // Somebody else wrote it; it is replaced by one of ours.
      return null;
    }
  }
}
