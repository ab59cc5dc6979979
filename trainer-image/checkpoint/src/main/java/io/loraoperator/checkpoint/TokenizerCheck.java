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

  /** Unigram's pieces are a tree with a level for each byte, which is released by recursion. */
  private static final int LONGEST_PIECE = 4000;

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
    TokenizerStepCheck steps = new TokenizerStepCheck(check);
    steps.check(tokenizer.path("normalizer"));
    steps.check(tokenizer.path("pre_tokenizer"));
    steps.check(tokenizer.path("post_processor"));
    steps.parts(tokenizer.path("post_processor"), 1, true);
    steps.parts(tokenizer.path("post_processor"), 1, false);
    steps.check(tokenizer.path("decoder"));
    check.merges(tokenizer.path("model"));
    tokenizer.path("added_tokens").forEach(token -> check.id(token.path("id")));
    tokenizer
        .path("model")
        .path("vocab")
        .forEach(entry -> {
          check.id(entry);
          check.piece(entry.path(0));
        });
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

  /** Added tokens that have no id are given the next one, which must be one, too. */
  void id(JsonNode id) {
    if (id.isNumber() && (!id.canConvertToInt() || id.intValue() > Vocabulary.LARGEST_ID)) {
      throw invalid("gives a token the id %s".formatted(shortened(id)));
    }
  }

  private void piece(JsonNode piece) {
    if (piece.asText().length() > LONGEST_PIECE) {
      throw invalid("model: a piece has %d characters".formatted(piece.asText().length()));
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

  static String shortened(JsonNode value) {
    String text = value.toString();
    return text.length() > 40 ? text.substring(0, 40) + "…" : text;
  }

  CheckpointException invalid(String problem) {
    return CheckpointException.invalid(origin.toString(), "tokenizer.json " + problem, REMEDY);
  }
}
