package io.loraoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What decides the numbers of a run, in a canonical form: the {@link FieldKind#RUN} fields of the
 * specification, default values left out. Two specifications mean the same run exactly if their
 * documents have the same {@link #specHash()}. As defaults are left out, a new version of the API
 * with more fields does not change the hash of an old object.
 *
 * @param schemaVersion of this document
 * @param spec the run's part of the specification
 * @param threads how many threads the trainer computes with. They decide the last bits of sums, so
 *     all attempts of a run use as many; the hash leaves them out, for they follow from the first
 *     attempt's resources and not from what the user asked for
 */
public record RunDocument(int schemaVersion, ObjectNode spec, int threads) {

  /** The version of this document's form. */
  public static final int SCHEMA_VERSION = 1;

  /** Takes the run's fields out of a whole specification. */
  public static RunDocument of(JsonNode spec, int threads) {
    return new RunDocument(SCHEMA_VERSION, canonical(spec, FieldKind.RUN), threads);
  }

  /** The fields of one kind, in canonical form: defaults and empty objects left out. */
  public static ObjectNode canonical(JsonNode spec, FieldKind kind) {
    ObjectNode part = JsonNodeFactory.instance.objectNode();
    SpecTree tree = new SpecTree(spec);
    for (SpecField field : SpecFields.all()) {
      if (field.kind() == kind && tree.has(field.path())) {
        JsonNode value = canonical(field, SpecTree.at(spec, field.path()));
        JsonNode usual =
            Optional.ofNullable(field.defaultValue()).map(d -> canonical(field, d)).orElse(null);
        if (!value.equals(usual)) {
          SpecTree.set(part, field.path(), value);
        }
      }
    }
    return part;
  }

  private static JsonNode canonical(SpecField field, JsonNode value) {
    if (field.type() instanceof FieldType.Decimal
        && FieldType.DECIMAL.matcher(value.asText()).matches()) {
      BigDecimal number = new BigDecimal(value.asText());
      return TextNode.valueOf(number.stripTrailingZeros().toPlainString());
    }
    return value;
  }

  /**
   * Reads a document.
   *
   * @throws InvalidSpecException if it is not one, or one of a newer version
   */
  public static RunDocument parse(String json) {
    RunDocument document;
    try {
      document = ContractJson.read(json, RunDocument.class);
    } catch (IOException e) {
      throw new InvalidSpecException(
          PodPaths.RUN_FILE, "is not a run document", "let the operator write it");
    }
    if (document.schemaVersion() != SCHEMA_VERSION) {
      throw new InvalidSpecException(
          PodPaths.RUN_FILE,
          "has schema version %d; this trainer reads %d"
              .formatted(document.schemaVersion(), SCHEMA_VERSION),
          "use operator and trainer image of the same release");
    }
    return document;
  }

  /** The canonical text: sorted keys, no white space. */
  public String toJson() {
    return ContractJson.write(this);
  }

  /** SHA-256 over the canonical text of schema version and specification, in lower-case hex. */
  public String specHash() {
    ObjectNode hashed = JsonNodeFactory.instance.objectNode();
    hashed.put("schemaVersion", schemaVersion).set("spec", spec);
    return sha256(ContractJson.write(hashed));
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
