package io.loraoperator.trainer.prompt;

import java.util.List;

/**
 * A row as text.
 *
 * @param trained the learned parts, in order, not overlapping. One that reaches the end of the text
 *     means that the end of the sequence is learned, too
 * @param complete whether the text holds all its special tokens, so that none is to be added
 */
public record PromptText(String text, List<CharSpan> trained, boolean complete) {

  public PromptText {
    trained = List.copyOf(trained);
  }

  /** A text that the tokenizer's special tokens and the end of the sequence are added to. */
  PromptText(String text, List<CharSpan> trained) {
    this(text, trained, false);
  }

  /** A text that is learned as a whole. */
  static PromptText allOf(String text) {
    return new PromptText(text, List.of(new CharSpan(0, text.length())));
  }

  /** A prompt and what is learned after it. */
  static PromptText completionOf(String prompt, String completion) {
    String text = prompt + completion;
    return new PromptText(text, List.of(new CharSpan(prompt.length(), text.length())));
  }

  /** Whether the learned part goes on to the end of the text. */
  public boolean trainsEnd() {
    return !trained.isEmpty() && trained.getLast().end() == text.length();
  }
}
