package io.loraoperator.trainer.prompt;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Talks to a model in the format that its chat template defines. */
public final class Conversation {

  private final Tokenizer tokenizer;
  private final ChatTemplate template;
  private final List<Map<String, @Nullable Object>> messages = new ArrayList<>();

  /**
   * Begins a conversation.
   *
   * @param chatTemplate {@code ChatML}, Jinja, or null for the model's own
   * @param system what the model is told first; null for nothing
   */
  public Conversation(
      BaseModelFiles model, @Nullable String chatTemplate, @Nullable String system) {
    this.tokenizer = model.tokenizer();
    this.template = ModelTemplates.of(model).choose(chatTemplate);
    if (system != null) {
      messages.add(Map.of("role", "system", "content", system));
    }
  }

  /** The tokens that ask for an answer to what the user says. */
  public int[] ask(String words) {
    messages.add(Map.of("role", "user", "content", words));
    return tokenizer.encode(template.prompt(new Chat(messages, null)), false).ids();
  }

  /** The added tokens with which the template ends an answer. */
  public Set<Integer> endOfTurn() {
    PromptText text =
        template.conversation(
            new Chat(
                List.of(
                    Map.of("role", "user", "content", "a"),
                    Map.of("role", "assistant", "content", "b")),
                null));
    Set<Integer> ends = new TreeSet<>();
    if (!text.trained().isEmpty()) {
      CharSpan answer = text.trained().getLast();
      String end =
          text.text().substring(text.text().indexOf('b', answer.start()) + 1, answer.end());
      for (int id : tokenizer.encode(end, false).ids()) {
        if (tokenizer.isAdded(id)) {
          ends.add(id);
        }
      }
    }
    return ends;
  }
}
