package io.loraoperator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Compares the schema of a release with the one of today: an object that the release accepted and
 * stored must stay readable and valid.
 */
final class Compatibility {
  private static final List<String> LOWER_BOUNDS =
      List.of("minimum", "minLength", "minItems", "minProperties");
  private static final List<String> UPPER_BOUNDS =
      List.of("maximum", "maxLength", "maxItems", "maxProperties");

  private final List<String> breaks = new ArrayList<>();

  private Compatibility() {}

  /**
   * Names what an upgrade would break.
   *
   * @param released the CRD of a release
   * @param current the CRD of today
   * @return one line for each break; empty if there is none
   */
  static List<String> breaks(JsonNode released, JsonNode current) {
    Compatibility comparison = new Compatibility();
    for (JsonNode version : released.at("/spec/versions")) {
      String name = version.get("name").asText();
      JsonNode today =
          current
              .at("/spec/versions")
              .valueStream()
              .filter(candidate -> candidate.get("name").asText().equals(name))
              .findFirst()
              .orElse(null);
      if (today == null) {
        comparison.breaks.add("version " + name + " is gone");
      } else {
        comparison.compare(
            name, version.at("/schema/openAPIV3Schema"), today.at("/schema/openAPIV3Schema"));
      }
    }
    return comparison.breaks;
  }

  private void compare(String path, JsonNode then, JsonNode now) {
    for (String same : List.of("type", "x-kubernetes-int-or-string", "x-kubernetes-list-type")) {
      if (!Objects.equals(then.get(same), now.get(same))) {
        breaks.add("%s: %s was %s and is %s".formatted(path, same, then.get(same), now.get(same)));
      }
    }
    if (!Objects.equals(then.get("default"), now.get("default"))) {
      breaks.add(
          "%s: default was %s and is %s".formatted(path, then.get("default"), now.get("default")));
    }
    enumValues(path, then, now);
    bounds(path, then, now);
    Set<String> required = texts(now.path("required"));
    required.removeAll(texts(then.path("required")));
    required.forEach(name -> breaks.add(path + "." + name + ": is required now"));
    for (Map.Entry<String, JsonNode> property : then.path("properties").properties()) {
      String below = path + "." + property.getKey();
      JsonNode today = now.path("properties").get(property.getKey());
      if (today == null) {
        breaks.add(below + ": is gone");
      } else {
        compare(below, property.getValue(), today);
      }
    }
    for (String inner : List.of("items", "additionalProperties")) {
      if (then.has(inner) && now.has(inner)) {
        compare(path + "[]", then.get(inner), now.get(inner));
      }
    }
  }

  private void enumValues(String path, JsonNode then, JsonNode now) {
    Set<String> gone = texts(then.path("enum"));
    gone.removeAll(texts(now.path("enum")));
    if (now.has("enum") || !then.has("enum")) {
      gone.forEach(value -> breaks.add("%s: value %s is gone".formatted(path, value)));
    }
    if (now.has("enum") && !then.has("enum")) {
      breaks.add(path + ": is limited to some values now");
    }
  }

  private void bounds(String path, JsonNode then, JsonNode now) {
    for (String bound : LOWER_BOUNDS) {
      if (now.path(bound).asLong(0) > then.path(bound).asLong(0)
          || (now.has(bound) && !then.has(bound) && bound.equals("minimum"))) {
        breaks.add("%s: %s is raised to %s".formatted(path, bound, now.get(bound)));
      }
    }
    for (String bound : UPPER_BOUNDS) {
      if (now.path(bound).asLong(Long.MAX_VALUE) < then.path(bound).asLong(Long.MAX_VALUE)) {
        breaks.add("%s: %s is lowered to %s".formatted(path, bound, now.get(bound)));
      }
    }
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new HashSet<>();
    array.forEach(value -> texts.add(value.asText()));
    return texts;
  }
}
