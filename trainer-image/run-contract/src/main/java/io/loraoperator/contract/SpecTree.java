package io.loraoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A specification as a tree of JSON, read by paths with the defaults of {@link SpecFields}. */
final class SpecTree {

  private final JsonNode root;

  SpecTree(JsonNode root) {
    this.root = root;
  }

  /** The value at a path with dots; missing if any part is absent. */
  static JsonNode at(JsonNode root, String path) {
    JsonNode node = root;
    for (String name : path.split("\\.", -1)) {
      node = node.path(name);
    }
    return node;
  }

  /** Sets the value at a path with dots, making the objects in between. */
  static void set(ObjectNode root, String path, JsonNode value) {
    int dot = path.indexOf('.');
    if (dot < 0) {
      root.set(path, value);
    } else {
      set(root.withObjectProperty(path.substring(0, dot)), path.substring(dot + 1), value);
    }
  }

  /** Whether the manifest itself holds a value there, a default not counted. */
  boolean has(String path) {
    JsonNode node = at(root, path);
    return !node.isMissingNode() && !node.isNull();
  }

  /** The value there, or else the default. */
  Optional<JsonNode> find(String path) {
    if (has(path)) {
      return Optional.of(at(root, path));
    }
    return SpecFields.find(path).map(SpecField::defaultValue);
  }

  @Nullable String textOrNull(String path) {
    return find(path).map(JsonNode::textValue).orElse(null);
  }

  /** A required string. */
  String text(String path) {
    JsonNode value = required(path);
    if (value.textValue().isEmpty()) {
      throw new InvalidSpecException("spec." + path, "must not be empty", "give it a value");
    }
    return value.textValue();
  }

  int integer(String path) {
    return required(path).intValue();
  }

  @Nullable Integer integerOrNull(String path) {
    return find(path).map(JsonNode::intValue).orElse(null);
  }

  BigDecimal decimal(String path) {
    return new BigDecimal(required(path).textValue());
  }

  @Nullable BigDecimal decimalOrNull(String path) {
    return find(path).map(value -> new BigDecimal(value.textValue())).orElse(null);
  }

  boolean flag(String path) {
    return required(path).booleanValue();
  }

  <E extends Enum<E>> E choice(String path, Class<E> type) {
    return Enum.valueOf(type, required(path).textValue());
  }

  List<String> texts(String path) {
    List<String> values = new ArrayList<>();
    required(path).forEach(item -> values.add(item.textValue()));
    return List.copyOf(values);
  }

  Map<String, Integer> integers(String path) {
    Map<String, Integer> values = new TreeMap<>();
    required(path).properties().forEach(e -> values.put(e.getKey(), e.getValue().intValue()));
    return Collections.unmodifiableMap(values);
  }

  private JsonNode required(String path) {
    return find(path)
        .orElseThrow(() ->
            new InvalidSpecException(
                "spec." + path, "is missing", "add it to the manifest: it has no default"));
  }
}
