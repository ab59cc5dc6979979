package io.loraoperator.checkpoint;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Added tokens that the tokenizers library looks for and does not survive to find: those that the
 * normalizer leaves nothing of, which are found within characters, and blanks that begin before
 * blanks which the token before them took.
 */
final class AddedTokenCheck {

  private static final Pattern BLANKS = Pattern.compile("\\s*", Pattern.UNICODE_CHARACTER_CLASS);

  private AddedTokenCheck() {}

  /**
   * Checks a tokenizer's added tokens as its normalizer, which the library runs, writes them.
   *
   * @param origin for messages
   */
  static void check(ObjectNode tokenizer, Path origin) throws IOException {
    JsonNode added = tokenizer.path("added_tokens");
    boolean takesBlanks = false;
    boolean normalized = false;
    for (JsonNode token : added) {
      takesBlanks |= token.path("rstrip").asBoolean();
      normalized |= token.path("normalized").asBoolean();
    }
    boolean normalizes = normalized && tokenizer.hasNonNull("normalizer");
    if (!takesBlanks && !normalizes) {
      return;
    }
    try (HuggingFaceTokenizer normalizer = normalizer(tokenizer)) {
      for (JsonNode token : added) {
        String content = token.path("content").asText();
        String found =
            normalizes && token.path("normalized").asBoolean()
                ? String.join("", normalizer.encode(content, false, false).getTokens())
                : content;
        if (found.isEmpty() && !content.isEmpty()) {
          throw invalid(origin, content, "the normalizer leaves nothing of it");
        }
        if (takesBlanks
            && token.path("lstrip").asBoolean()
            && !token.path("rstrip").asBoolean()
            && BLANKS.matcher(found).matches()) {
          throw invalid(origin, content, "it is blank and lstrip, and another one is rstrip");
        }
      }
    }
  }

  /** Makes one token of any text: the text as it is normalised. */
  private static HuggingFaceTokenizer normalizer(ObjectNode tokenizer) throws IOException {
    ObjectNode normalizer = JsonFiles.MAPPER.createObjectNode();
    normalizer.set("normalizer", tokenizer.path("normalizer"));
    ObjectNode model = normalizer.putObject("model").put("type", "Unigram").put("unk_id", 0);
    model.putArray("vocab").addArray().add("<unk>").add(0.0);
    return FastTokenizer.library(normalizer);
  }

  private static CheckpointException invalid(Path origin, String content, String problem) {
    return CheckpointException.invalid(
        origin.toString(),
        "tokenizer.json added_tokens: %s is not found as it stands: %s".formatted(content, problem),
        "Remove the token, or set its normalized, lstrip and rstrip to false.");
  }
}
