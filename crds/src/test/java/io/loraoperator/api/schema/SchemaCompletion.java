package io.loraoperator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.Schema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Adds to a generated CRD what the generator has no annotations for. */
final class SchemaCompletion {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Keys of the lists whose entries have an identity: server-side apply merges them by it. */
  private static final Map<String, String> MAP_LISTS =
      Map.of("status.conditions", "type", "status.history", "number");

  /** Lists in which a value counts once, whatever its place. */
  private static final Set<String> SET_LISTS =
      Set.of(
          "spec.baseModel.addedTokens",
          "spec.lora.targetModules",
          "spec.lora.excludeModules",
          "spec.lora.modulesToSave");

  /** Lists that have one owner and whose order counts. */
  private static final Set<String> ATOMIC_LISTS =
      Set.of(
          "spec.samples.prompts", "spec.scheduling.tolerations", "status.effective.targetModules");

  /** Maps that are replaced as a whole, as in a Pod. */
  private static final Set<String> ATOMIC_MAPS = Set.of("spec.scheduling.nodeSelector");

  private final Set<String> seen = new HashSet<>();

  private SchemaCompletion() {}

  /**
   * Completes a definition in place.
   *
   * @throws IllegalStateException if a list has no type here, or a path named here is none
   */
  static void complete(ObjectNode crd) {
    ObjectNode version = (ObjectNode) crd.at("/spec/versions/0");
    version.set("additionalPrinterColumns", columnsInOrder(version));
    ObjectNode root = (ObjectNode) version.at("/schema/openAPIV3Schema");
    root.put("description", "A language model to be fine-tuned with LoRA, and what became of it.");
    root.putArray("required").add("spec");
    ((ObjectNode) root.at("/properties/spec")).put("description", "What is asked for.");
    ((ObjectNode) root.at("/properties/status")).put("description", "What was observed.");
    ((ObjectNode) root.at("/properties/status/properties/conditions"))
        .set("items", ConditionSchema.tree());
    new SchemaCompletion().completeAll(root);
  }

  private void completeAll(ObjectNode root) {
    complete("", root);
    Set<String> named = new HashSet<>(MAP_LISTS.keySet());
    named.addAll(SET_LISTS);
    named.addAll(ATOMIC_LISTS);
    named.addAll(ATOMIC_MAPS);
    named.removeAll(seen);
    if (!named.isEmpty()) {
      throw new IllegalStateException("no such lists or maps in the schema: " + named);
    }
  }

  private void complete(String path, ObjectNode schema) {
    wholeBounds(schema);
    switch (schema.path("type").asText()) {
      case "array" -> {
        listType(path, schema);
        complete(path + "[]", (ObjectNode) schema.get("items"));
      }
      case "object" -> {
        if (ATOMIC_MAPS.contains(path)) {
          seen.add(path);
          schema.put("x-kubernetes-map-type", "atomic");
        }
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
          String below = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
          complete(below, (ObjectNode) property.getValue());
        }
        if (schema.get("additionalProperties") instanceof ObjectNode values) {
          complete(path + "{}", values);
        }
      }
      case "string" -> {
        String name = path.substring(path.lastIndexOf('.') + 1);
        if (path.startsWith("status.") && (name.endsWith("Time") || name.equals("time"))) {
          schema.put("format", "date-time");
        }
      }
      default -> {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
          schema.put("pattern", Schema.QUANTITY).put("maxLength", Schema.QUANTITY_LENGTH);
        }
      }
    }
  }

  private void listType(String path, ObjectNode schema) {
    if (MAP_LISTS.containsKey(path)) {
      schema.put("x-kubernetes-list-type", "map");
      schema.putArray("x-kubernetes-list-map-keys").add(MAP_LISTS.get(path));
    } else if (SET_LISTS.contains(path)) {
      schema.put("x-kubernetes-list-type", "set");
    } else if (ATOMIC_LISTS.contains(path)) {
      schema.put("x-kubernetes-list-type", "atomic");
    } else {
      throw new IllegalStateException("give a list type to " + path);
    }
    seen.add(path);
  }

  /** The generator writes every bound as a fraction. */
  private static void wholeBounds(ObjectNode schema) {
    for (String bound : List.of("minimum", "maximum")) {
      if (schema.hasNonNull(bound)) {
        schema.set(bound, LongNode.valueOf(schema.get(bound).longValue()));
      }
    }
  }

  /** The server leaves out a priority of 0; so does the file, to be equal to what is served. */
  private static JsonNode withoutDefault(JsonNode column) {
    if (column.path("priority").asInt() == 0) {
      ((ObjectNode) column).remove("priority");
    }
    return column;
  }

  /** The generator sorts columns by path; people read them in the order of the annotations. */
  private static ArrayNode columnsInOrder(ObjectNode version) {
    Map<String, JsonNode> byName = new HashMap<>();
    version
        .get("additionalPrinterColumns")
        .forEach(column -> byName.put(column.get("name").asText(), withoutDefault(column)));
    ArrayNode ordered = JSON.arrayNode();
    for (AdditionalPrinterColumn column :
        LoraFineTune.class.getAnnotationsByType(AdditionalPrinterColumn.class)) {
      ordered.add(byName.get(column.name()));
    }
    return ordered;
  }
}
