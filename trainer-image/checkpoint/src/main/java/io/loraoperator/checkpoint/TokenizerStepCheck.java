package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Pattern;

/**
 * What the tokenizers library takes for granted about the steps before and after the model. It
 * tells some steps by their fields, whatever the type, and reads lists as steps, too.
 */
final class TokenizerStepCheck {

  /** Oniguruma compiles brackets within brackets by recursion; a stack of 1 MiB holds 1,000. */
  private static final int MOST_BRACKETS = 500;

  /** Oniguruma's functions in patterns: (*ERROR), (*CMP) and others. */
  private static final Pattern CALLOUT = Pattern.compile("\\(\\*[A-Z]{3}");

  private final TokenizerCheck file;

  TokenizerStepCheck(TokenizerCheck file) {
    this.file = file;
  }

  /** A step and those within it. */
  void check(JsonNode step) {
    if (step.isMissingNode() || step.isNull()) {
      return;
    }
    object(step);
    JsonNode type = step.path("type");
    if (!type.isTextual() && !type.isMissingNode()) {
      throw file.invalid(
          "has a step of type %s, which is no text".formatted(TokenizerCheck.shortened(type)));
    }
    if (step.has("precompiled_charsmap") || type.asText().equals("Precompiled")) {
      String problem = PrecompiledCharsmap.problem(step.path("precompiled_charsmap").asText());
      if (!problem.isEmpty()) {
        throw file.invalid("normalizer Precompiled: precompiled_charsmap " + problem);
      }
    }
    pattern(step);
    if (step.has("single") || step.has("special_tokens")) {
      template(step);
    }
    if (step.path("stop").asLong() != 0) {
      throw file.invalid("decoder Strip: stop is not 0, which empty tokens do not survive");
    }
    if (step.has("length") && step.path("length").asLong() == 0) {
      throw file.invalid("pre_tokenizer FixedLength: length is 0");
    }
    file.id(step.path("sep").path(1));
    file.id(step.path("cls").path(1));
    for (String key : new String[] {"normalizers", "pretokenizers", "processors", "decoders"}) {
      step.path(key).forEach(this::check);
    }
  }

  private void object(JsonNode node) {
    if (!node.isObject()) {
      throw file.invalid(
          "has %s where an object belongs".formatted(TokenizerCheck.shortened(node)));
    }
  }

  private void pattern(JsonNode step) {
    String regex = step.path("pattern").path("Regex").asText();
    if (regex.chars().filter(c -> c == '(' || c == '[').count() > MOST_BRACKETS) {
      throw file.invalid("has a pattern with more than %d brackets".formatted(MOST_BRACKETS));
    }
    if (CALLOUT.matcher(regex).find()) {
      throw file.invalid("has a pattern with a callout, (*…)");
    }
  }

  /** The pieces of a template, and the tokens that it adds. */
  private void template(JsonNode step) {
    for (String form : new String[] {"single", "pair"}) {
      for (JsonNode piece : step.path(form)) {
        piece.forEach(this::object);
        JsonNode token = piece.path("SpecialToken").path("id");
        if (token.isTextual() && !step.path("special_tokens").has(token.asText())) {
          throw template(
              "%s has the token %s, special_tokens has not"
                  .formatted(form, TokenizerCheck.shortened(token)));
        }
        JsonNode sequence = piece.path("Sequence").path("id");
        if (form.equals("single") && piece.has("Sequence") && !sequence.asText().equals("A")) {
          throw template(
              "single has the sequence %s, it is given A"
                  .formatted(TokenizerCheck.shortened(sequence)));
        }
      }
    }
    step.path("special_tokens")
        .properties()
        .forEach(entry -> {
          object(entry.getValue());
          JsonNode ids = entry.getValue().path("ids");
          JsonNode tokens = entry.getValue().path("tokens");
          ids.forEach(file::id);
          if (ids.size() != tokens.size()) {
            throw template(
                "%s has %d ids and %d tokens".formatted(entry.getKey(), ids.size(), tokens.size()));
          }
        });
  }

  /**
   * A template makes a part of each of its pieces, and the next one takes one part or two.
   *
   * @param parts how many a text is in before the step
   * @param special whether tokens are added
   * @return how many it is in after it
   */
  int parts(JsonNode step, int parts, boolean special) {
    int after = parts;
    if (step.has("single")) {
      if (after < 1 || after > 2) {
        throw template("the templates before this one leave %d parts".formatted(after));
      }
      JsonNode pieces = step.path(after == 1 ? "single" : "pair");
      after = special ? pieces.size() : pieces.findValues("Sequence").size();
    }
    for (JsonNode inner : step.path("processors")) {
      after = parts(inner, after, special);
    }
    return after;
  }

  private CheckpointException template(String problem) {
    return file.invalid("post_processor TemplateProcessing: " + problem);
  }
}
