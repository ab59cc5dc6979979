package io.loraoperator.api.schema;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The schema of a condition, with the bounds of {@code metav1.Condition} in Kubernetes' API. */
final class ConditionSchema {
  private ConditionSchema() {}

  static ObjectNode tree() {
    try (InputStream yaml = ConditionSchema.class.getResourceAsStream("condition-schema.yaml")) {
      JsonNode tree =
          KubernetesYaml.read(new String(Objects.requireNonNull(yaml).readAllBytes(), UTF_8));
      return new ObjectMapper().convertValue(tree, ObjectNode.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
