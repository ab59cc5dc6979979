package io.loraoperator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.api.Schema;
import io.loraoperator.contract.SpecFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** The reference of the API as a page of Markdown, made from the schema. */
final class ReferencePage {
  private static final String INTRODUCTION =
      """
      # LoraFineTune

      `apiVersion: finetune.loraoperator.io/v1alpha1`, `kind: LoraFineTune`, short name `lft`.

      This page is made from the schema; `kubectl explain lorafinetune.spec --recursive` shows the same in a terminal.
      Decimals are strings (`"2e-4"`), since floating-point numbers do not survive every JSON reader.

      What a change of a field in `spec` means: **run** begins a new run, since the numbers change; **attempt** goes on with
      the same run from its checkpoint in a new attempt; **live** takes effect at once and disturbs nothing.

      """;

  private final StringBuilder page = new StringBuilder(INTRODUCTION);

  private ReferencePage() {}

  static String markdown() {
    ReferencePage reference = new ReferencePage();
    ObjectNode crd = CrdDocument.tree();
    JsonNode root = CrdDocument.schema(crd);
    reference.columns(crd.at("/spec/versions/0/additionalPrinterColumns"));
    reference.rules(root);
    reference.section("spec", root.at("/properties/spec"));
    reference.section("status", root.at("/properties/status"));
    return reference.page.toString().stripTrailing() + "\n";
  }

  private void columns(JsonNode columns) {
    page.append("`kubectl get lorafinetunes` shows, the last ones with `-o wide`:\n\n");
    page.append("| Column | From |\n| --- | --- |\n");
    for (JsonNode column : columns) {
      page.append(
          "| %s | `%s` |\n"
              .formatted(column.at("/name").asText(), column.at("/jsonPath").asText()));
    }
    page.append('\n');
  }

  private void section(String path, JsonNode schema) {
    page.append("## ").append(path).append("\n\n");
    page.append(schema.path("description").asText()).append("\n\n");
    boolean spec = path.startsWith("spec");
    page.append(
        spec
            ? "| Field | Type | Default | Change | Meaning |\n| --- | --- | --- | --- | --- |\n"
            : "| Field | Type | Meaning |\n| --- | --- | --- |\n");
    List<Map.Entry<String, JsonNode>> objects = new ArrayList<>();
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      String name = property.getKey();
      JsonNode value = property.getValue();
      boolean required = isRequired(schema, name);
      JsonNode object = objectIn(value);
      String shown = object.isMissingNode() ? "`%s`".formatted(name) : link(path, name);
      String filled = required ? "required" : defaultOf(value);
      String fieldPath = path + "." + name;
      page.append("| %s | %s |".formatted(shown, type(value)));
      page.append(spec ? " %s | %s |".formatted(filled, change(fieldPath)) : "");
      page.append(" ").append(meaning(value)).append(" |\n");
      if (!object.isMissingNode()) {
        objects.add(Map.entry(path + "." + name, object));
      }
    }
    page.append('\n');
    rules(schema);
    objects.forEach(object -> section(object.getKey(), object.getValue()));
  }

  private void rules(JsonNode schema) {
    for (JsonNode rule : schema.path("x-kubernetes-validations")) {
      page.append("- ").append(rule.path("message").asText()).append('\n');
    }
    if (schema.has("x-kubernetes-validations")) {
      page.append('\n');
    }
  }

  private static String change(String path) {
    return SpecFields.find(path.substring("spec.".length()))
        .map(field -> field.kind().name().toLowerCase(Locale.ROOT))
        .orElse("");
  }

  private static boolean isRequired(JsonNode schema, String name) {
    for (JsonNode required : schema.path("required")) {
      if (required.asText().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static String link(String path, String name) {
    String anchor = (path + name).replace(".", "").toLowerCase(Locale.ROOT);
    return "[`%s`](#%s)".formatted(name, anchor);
  }

  /** The object that has a section of its own: the property itself or the items of its list. */
  private static JsonNode objectIn(JsonNode schema) {
    JsonNode candidate = schema.has("items") ? schema.get("items") : schema;
    return candidate.has("properties") ? candidate : candidate.path("");
  }

  private static String type(JsonNode schema) {
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      return "quantity";
    }
    if (schema.has("enum")) {
      StringJoiner values = new StringJoiner(", ");
      schema.get("enum").forEach(value -> values.add("`" + value.asText() + "`"));
      return values.toString();
    }
    return switch (schema.path("type").asText()) {
      case "array" -> "list of " + type(schema.get("items")) + bound(schema, "Items", "");
      case "integer" -> "integer" + range(schema);
      case "string" -> string(schema);
      case "object" ->
          schema.has("additionalProperties")
              ? "map to " + type(schema.get("additionalProperties"))
              : "object";
      default -> schema.path("type").asText();
    };
  }

  private static String string(JsonNode schema) {
    if (schema.path("pattern").asText().equals(Schema.DECIMAL)) {
      return "decimal";
    }
    return schema.path("format").asText().equals("date-time")
        ? "time"
        : "string" + bound(schema, "Length", " characters");
  }

  private static String bound(JsonNode schema, String what, String unit) {
    return schema.has("max" + what) ? ", at most " + schema.get("max" + what) + unit : "";
  }

  private static String range(JsonNode schema) {
    if (schema.has("minimum") && schema.path("maximum").asLong() < Integer.MAX_VALUE) {
      return schema.has("maximum")
          ? ", %s to %s".formatted(schema.get("minimum"), schema.get("maximum"))
          : ", at least " + schema.get("minimum");
    }
    return schema.has("minimum") ? ", at least " + schema.get("minimum") : "";
  }

  private static String defaultOf(JsonNode schema) {
    return schema.has("default") && !schema.get("default").isObject()
        ? "`" + schema.get("default") + "`"
        : "";
  }

  private static String meaning(JsonNode schema) {
    return schema.path("description").asText().replace("|", "\\|");
  }
}
