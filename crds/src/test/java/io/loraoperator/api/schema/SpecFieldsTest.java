package io.loraoperator.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.api.Schema;
import io.loraoperator.contract.FieldType;
import io.loraoperator.contract.SpecField;
import io.loraoperator.contract.SpecFields;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The schema and the table of fields that operator and trainer read name the same fields, with the
 * same defaults and bounds. An unmarked field fails here.
 */
class SpecFieldsTest {
  private final Map<String, JsonNode> schema = leaves();
  private final Map<String, SpecField> table =
      SpecFields.all().stream().collect(Collectors.toMap(SpecField::path, field -> field));

  @Test
  void everyFieldOfTheSchemaSaysWhatAChangeOfItMeans() {
    assertThat(table.keySet()).containsExactlyInAnyOrderElementsOf(schema.keySet());
  }

  @Test
  void defaultsAreTheSame() {
    assertThat(differences(SpecFieldsTest::defaultOf, field -> comparable(field.path("default"))))
        .as("a member of a union has no default in the schema, but the reader fills it in")
        .containsExactly("dataset.evaluation.format: \"Auto\" in the table, none in the schema");
  }

  @Test
  void boundsAreTheSame() {
    assertThat(differences(field -> bounds(field.type()), SpecFieldsTest::bounds)).isEmpty();
  }

  private List<String> differences(
      Function<SpecField, String> ofTable, Function<JsonNode, String> ofSchema) {
    List<String> differences = new ArrayList<>();
    schema.forEach((path, field) -> {
      String inTable = Optional.ofNullable(table.get(path)).map(ofTable).orElse("missing");
      String inSchema = ofSchema.apply(field);
      if (!inTable.equals(inSchema)) {
        differences.add("%s: %s in the table, %s in the schema".formatted(path, inTable, inSchema));
      }
    });
    return differences;
  }

  private static String bounds(FieldType type) {
    return switch (type) {
      case FieldType.Whole whole -> "%d to %d".formatted(whole.minimum(), whole.maximum());
      case FieldType.Choice choice -> choice.values().stream().sorted().toList().toString();
      case FieldType.TextList list ->
          "list of %d of %d".formatted(list.maxItems(), list.maxLength());
      case FieldType.Text _,
          FieldType.S3Uri _,
          FieldType.HubRepository _,
          FieldType.HttpUrl _,
          FieldType.Decimal _ ->
          "string";
      case FieldType.Flag _ -> "boolean";
      case FieldType.Quantity _ -> "quantity";
      case FieldType.Mapping _ -> "map";
      case FieldType.WholeMapping map ->
          "map of %d of %d to %d".formatted(map.maxItems(), map.minimum(), map.maximum());
      case FieldType.ObjectList _ -> "list of objects";
    };
  }

  private static String bounds(JsonNode schema) {
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      return "quantity";
    }
    if (schema.has("enum")) {
      return schema.path("enum").valueStream().map(JsonNode::asText).sorted().toList().toString();
    }
    return switch (schema.path("type").asText()) {
      case "integer" ->
          "%d to %d".formatted(schema.path("minimum").asLong(), schema.path("maximum").asLong());
      case "array" ->
          schema.at("/items/type").asText().equals("object")
              ? "list of objects"
              : "list of %d of %d"
                  .formatted(
                      schema.path("maxItems").asInt(), schema.at("/items/maxLength").asInt());
      case "object" ->
          schema.at("/additionalProperties/type").asText().equals("integer")
              ? "map of %d of %d to %d"
                  .formatted(
                      schema.path("maxProperties").asInt(),
                      schema.at("/additionalProperties/minimum").asLong(),
                      schema.at("/additionalProperties/maximum").asLong())
              : "map";
      default -> schema.path("type").asText();
    };
  }

  private static String defaultOf(SpecField field) {
    JsonNode value = field.defaultValue();
    return value == null || (value.isContainerNode() && value.isEmpty())
        ? "none"
        : comparable(value);
  }

  /** Decimals are compared by value: the table writes 0.0002 for 2e-4. */
  private static String comparable(JsonNode value) {
    if (value.isMissingNode()) {
      return "none";
    }
    return value.asText().matches(Schema.DECIMAL)
        ? new BigDecimal(value.asText()).stripTrailingZeros().toPlainString()
        : value.toString();
  }

  private static Map<String, JsonNode> leaves() {
    Map<String, JsonNode> leaves = new TreeMap<>();
    JsonNode spec = CrdDocument.schema(CrdDocument.tree()).at("/properties/spec");
    collect("", spec, leaves);
    return leaves;
  }

  private static void collect(String path, JsonNode schema, Map<String, JsonNode> leaves) {
    if (schema.has("properties")) {
      schema
          .get("properties")
          .properties()
          .forEach(property ->
              collect(
                  path.isEmpty() ? property.getKey() : path + "." + property.getKey(),
                  property.getValue(),
                  leaves));
    } else {
      leaves.put(path, schema);
    }
  }
}
