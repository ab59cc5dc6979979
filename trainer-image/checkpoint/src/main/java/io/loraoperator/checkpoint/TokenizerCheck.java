package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/**
 * What the tokenizers library takes for granted about {@code tokenizer.json}: where it is not so,
 * the library ends the whole process instead of refusing the file. And ids that are too large: the
 * library's are unsigned.
 */
final class TokenizerCheck {

  /** The library's JSON reader ends at 128; what it wraps the tree in counts, too. */
  private static final int DEEPEST = 100;

  private static final String REMEDY =
      "Save the tokenizer again with transformers' save_pretrained.";

  private final Path origin;

  private TokenizerCheck(Path origin) {
    this.origin = origin;
  }

  /**
   * Checks a tokenizer.
   *
   * @param origin for messages
   * @throws CheckpointException naming the part that the library would not survive
   */
  static void check(ObjectNode tokenizer, Path origin) {
    TokenizerCheck check = new TokenizerCheck(origin);
    check.values(tokenizer, 0);
    check.steps(tokenizer.path("normalizer"));
    check.steps(tokenizer.path("pre_tokenizer"));
    check.steps(tokenizer.path("post_processor"));
    check.steps(tokenizer.path("decoder"));
    check.merges(tokenizer.path("model"));
    tokenizer.path("added_tokens").forEach(token -> check.id(token.path("id")));
    if (tokenizer.path("model").path("vocab").isObject()) {
      tokenizer.path("model").path("vocab").forEach(check::id);
    }
  }

  /** Texts of whole characters, numbers that are some, and no deep nesting. */
  private void values(JsonNode node, int depth) {
    if (depth > DEEPEST) {
      throw invalid("is nested more than %d deep".formatted(DEEPEST));
    }
    if (node.isTextual()) {
      text(node.textValue());
    } else if (node.isNumber() && !isNumber(node)) {
      throw invalid("holds the number %s, which is out of range".formatted(shortened(node)));
    }
    node.properties().forEach(entry -> text(entry.getKey()));
    node.forEach(child -> values(child, depth + 1));
  }

  private void text(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSurrogatePair(
            text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : ' ')) {
          throw invalid("holds half of a surrogate pair (\\u%04x)".formatted((int) text.charAt(i)));
        }
        i++;
      }
    }
  }

  private static boolean isNumber(JsonNode number) {
    return number.isIntegralNumber()
        ? number.canConvertToLong()
        : Double.isFinite(number.doubleValue());
  }

  /** A step and those within it; the library tells some by their fields, whatever the type. */
  private void steps(JsonNode step) {
    if (step.has("precompiled_charsmap") || step.path("type").asText().equals("Precompiled")) {
      String problem = PrecompiledCharsmap.problem(step.path("precompiled_charsmap").asText());
      if (!problem.isEmpty()) {
        throw invalid("normalizer Precompiled: precompiled_charsmap " + problem);
      }
    }
    if (step.has("single") || step.has("special_tokens")) {
      template(step);
    }
    if (step.path("stop").asLong() != 0) {
      throw invalid("decoder Strip: stop is not 0, which empty tokens do not survive");
    }
    if (step.has("length") && step.path("length").asLong() == 0) {
      throw invalid("pre_tokenizer FixedLength: length is 0");
    }
    id(step.path("sep").path(1));
    id(step.path("cls").path(1));
    for (String key : new String[] {"normalizers", "pretokenizers", "processors", "decoders"}) {
      step.path(key).forEach(this::steps);
    }
  }

  /** The tokens that a template adds. */
  private void template(JsonNode step) {
    specialTokens(step, "single");
    specialTokens(step, "pair");
    step.path("special_tokens")
        .properties()
        .forEach(entry -> {
          JsonNode ids = part(entry.getValue(), "ids", 1);
          JsonNode tokens = part(entry.getValue(), "tokens", 2);
          ids.forEach(this::id);
          if (ids.size() != tokens.size()) {
            throw invalid(
                "post_processor TemplateProcessing: %s has %d ids and %d tokens"
                    .formatted(entry.getKey(), ids.size(), tokens.size()));
          }
        });
  }

  /** A field; the library reads a list of values as an object's fields in their order, too. */
  private static JsonNode part(JsonNode object, String field, int index) {
    return object.isArray() ? object.path(index) : object.path(field);
  }

  private void id(JsonNode id) {
    if (id.isNumber() && !id.canConvertToInt()) {
      throw invalid("gives a token the id %s".formatted(shortened(id)));
    }
  }

  private void specialTokens(JsonNode processor, String template) {
    for (JsonNode piece : processor.path(template)) {
      JsonNode id = part(piece.path("SpecialToken"), "id", 0);
      if (id.isTextual() && !processor.path("special_tokens").has(id.asText())) {
        throw invalid(
            "post_processor TemplateProcessing: %s has the token %s, special_tokens has not"
                .formatted(template, shortened(id)));
      }
    }
  }

  /** The prefix is cut from the right side of a merge unseen. */
  private void merges(JsonNode model) {
    String prefix = model.path("continuing_subword_prefix").asText("");
    if (prefix.isEmpty() || !model.has("merges")) {
      return;
    }
    for (JsonNode merge : model.path("merges")) {
      String right =
          merge.isArray()
              ? merge.path(1).asText()
              : merge.asText().substring(merge.asText().indexOf(' ') + 1);
      if (!right.startsWith(prefix)) {
        throw invalid(
            "model: the merge %s does not have continuing_subword_prefix %s"
                .formatted(shortened(merge), prefix));
      }
    }
  }

  private static String shortened(JsonNode value) {
    String text = value.toString();
    return text.length() > 40 ? text.substring(0, 40) + "…" : text;
  }

  private CheckpointException invalid(String problem) {
    return CheckpointException.invalid(origin.toString(), "tokenizer.json " + problem, REMEDY);
  }
}
