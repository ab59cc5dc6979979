package io.loraoperator.trainer.prompt;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.contract.InvalidSpecException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a model brings along for the formatting of chats.
 *
 * @param own its own template, if it has one
 * @param specialTokens by the names that templates use
 */
public record ModelTemplates(Optional<String> own, Map<String, String> specialTokens) {

  /** Where a manifest names the template. */
  static final String FIELD = "spec.dataset.prompt.messages.chatTemplate";

  /** The name of the ready-made template. */
  public static final String CHAT_ML = "ChatML";

  /** A model's. */
  public static ModelTemplates of(BaseModelFiles model) {
    return new ModelTemplates(model.chatTemplate(), ChatTemplate.specialTokens(model.tokenizer()));
  }

  /** The Jinja of a template that a manifest names or holds. */
  public static String source(String asked) {
    return asked.equals(CHAT_ML) ? ChatTemplate.CHAT_ML : asked;
  }

  /**
   * The template to use.
   *
   * @param asked {@code ChatML}, Jinja, or null for the model's own
   * @throws InvalidSpecException if there is none, or it cannot be read
   */
  public ChatTemplate choose(@Nullable String asked) {
    if (asked != null) {
      return TemplateFailures.parsing(
          FIELD, "", () -> new ChatTemplate(source(asked), specialTokens));
    }
    String source =
        own.orElseThrow(() ->
            new InvalidSpecException(
                FIELD,
                "the model has no chat template of its own",
                "set it to ChatML or to a Jinja template"));
    return TemplateFailures.parsing(
        FIELD, "the model's own template, ", () -> new ChatTemplate(source, specialTokens));
  }
}
