package io.loraoperator.trainer.prompt;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the answers in the text of a conversation: from after each response template to before the
 * next instruction template, or to the end. It looks in the text, not in the tokens: a template is
 * tokenised differently at the start of a text, after a line break and after a space.
 */
final class TurnFinder {

  private final String responseTemplate;
  private final @Nullable String instructionTemplate;

  TurnFinder(String responseTemplate, @Nullable String instructionTemplate) {
    this.responseTemplate = responseTemplate;
    this.instructionTemplate = instructionTemplate;
  }

  /** The answers in a text, in order; empty if it has no response template. */
  List<CharSpan> responses(String text) {
    List<CharSpan> responses = new ArrayList<>();
    int template = text.indexOf(responseTemplate);
    while (template >= 0) {
      int start = template + responseTemplate.length();
      int instruction = instructionTemplate == null ? -1 : text.indexOf(instructionTemplate, start);
      int end = instruction < 0 ? text.length() : instruction;
      responses.add(new CharSpan(start, end));
      template = text.indexOf(responseTemplate, end);
    }
    return responses;
  }
}
