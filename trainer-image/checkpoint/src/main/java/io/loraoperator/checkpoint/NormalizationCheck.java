package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What the tokenizers library does not survive once it has normalised a text. */
final class NormalizationCheck {

  private static final Pattern BLANKS = Pattern.compile("\\s*", Pattern.UNICODE_CHARACTER_CLASS);

  /** Beginnings of texts, one of each kind of character that patterns tell apart. */
  private static final String[] BEGINNINGS = {"a", "A", "0", " ", "\n", "."};

  private static final String MARK = "\u0001";

  private final Path origin;

  private NormalizationCheck(Path origin) {
    this.origin = origin;
  }

  /**
   * Checks a tokenizer that {@link TokenizerCheck} has passed.
   *
   * @param origin for messages
   * @throws IOException if the library refuses the normalizer
   */
  static void check(ObjectNode tokenizer, Path origin) throws IOException {
    NormalizationCheck check = new NormalizationCheck(origin);
    check.replacements(tokenizer.path("normalizer"));
    check.addedTokens(tokenizer);
  }

  /** What replaces nothing before a text has no place in it, and the next step misses one. */
  private void replacements(JsonNode step) throws IOException {
    if (step.has("pattern") && !step.path("content").asText().isEmpty()) {
      ObjectNode marking = JsonFiles.MAPPER.createObjectNode().put("type", "Replace");
      marking.put("content", MARK).set("pattern", step.path("pattern"));
      try (Normalization normalization = new Normalization(marking)) {
        for (String beginning : BEGINNINGS) {
          if (normalization.of(beginning).startsWith(MARK + beginning)) {
            throw invalid(
                "normalizer Replace: the pattern matches before a text",
                "Use Prepend, or change the pattern.");
          }
        }
      }
    }
    for (JsonNode inner : step.path("normalizers")) {
      replacements(inner);
    }
  }

  /**
   * Those that the normalizer leaves nothing of are found within characters; blanks may begin
   * before the blanks which the token before them took.
   */
  private void addedTokens(ObjectNode tokenizer) throws IOException {
    JsonNode added = tokenizer.path("added_tokens");
    boolean takesBlanks = false;
    boolean normalizes = false;
    for (JsonNode token : added) {
      takesBlanks |= token.path("rstrip").asBoolean();
      normalizes |= token.path("normalized").asBoolean();
    }
    if (!takesBlanks && !normalizes) {
      return;
    }
    try (Normalization normalization = new Normalization(tokenizer.path("normalizer"))) {
      for (JsonNode token : added) {
        String content = token.path("content").asText();
        String found = token.path("normalized").asBoolean() ? normalization.of(content) : content;
        if (found.isEmpty() && !content.isEmpty()) {
          throw unfindable(content, "the normalizer leaves nothing of it");
        }
        if (takesBlanks
            && token.path("lstrip").asBoolean()
            && !token.path("rstrip").asBoolean()
            && BLANKS.matcher(found).matches()) {
          throw unfindable(content, "it is blank and lstrip, and another one is rstrip");
        }
      }
    }
  }

  private CheckpointException unfindable(String content, String problem) {
    return invalid(
        "added_tokens: %s cannot be found: %s".formatted(content, problem),
        "Remove the token, or set its normalized, lstrip and rstrip to false.");
  }

  private CheckpointException invalid(String problem, String remedy) {
    return CheckpointException.invalid(origin.toString(), "tokenizer.json " + problem, remedy);
  }
}
