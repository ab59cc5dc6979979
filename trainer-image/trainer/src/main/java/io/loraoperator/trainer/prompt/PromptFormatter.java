package io.loraoperator.trainer.prompt;

import io.loraoperator.contract.FineTuneSpec.Loss;
import io.loraoperator.contract.FineTuneSpec.LossTokens;
import io.loraoperator.contract.FineTuneSpec.Prompt;
import io.loraoperator.trainer.dataset.DataRow;
import io.loraoperator.trainer.template.TemplateException;
import java.util.Set;

/** Turns rows into text. */
public interface PromptFormatter {

  /**
   * The text of a row.
   *
   * @throws io.loraoperator.trainer.RunFailure naming file, line and field if the row has no such
   *     text
   */
  PromptText format(DataRow row);

  /**
   * The formatter that a manifest asks for.
   *
   * @param columns all columns that some row has; templates may use no other
   * @param templates the model's, for chats
   */
  static PromptFormatter of(
      Prompt prompt, Loss loss, Set<String> columns, ModelTemplates templates) {
    boolean all = loss.tokens() == LossTokens.All;
    return switch (prompt) {
      case Prompt.Text text -> {
        TurnFinder turns =
            loss.responseTemplate() == null
                ? null
                : new TurnFinder(loss.responseTemplate(), loss.instructionTemplate());
        yield row -> {
          String content = row.text(text.field());
          return all || turns == null
              ? PromptText.allOf(content)
              : new PromptText(content, turns.responses(content));
        };
      }
      case Prompt.PromptCompletion fields ->
          row -> joined(all, row.text(fields.promptField()), row.text(fields.completionField()));
      case Prompt.Messages messages -> {
        ChatTemplate template = templates.choose(messages.chatTemplate());
        ChatRows chats = new ChatRows(messages.field());
        yield row -> chat(all, template, chats.read(row), row);
      }
      case Prompt.Template template -> {
        RowTemplate question =
            new RowTemplate("spec.dataset.prompt.template.prompt", template.prompt(), columns);
        String completion = template.completion();
        RowTemplate answer =
            completion == null
                ? null
                : new RowTemplate("spec.dataset.prompt.template.completion", completion, columns);
        yield row -> joined(all, question.render(row), answer == null ? "" : answer.render(row));
      }
    };
  }

  private static PromptText chat(boolean all, ChatTemplate template, Chat chat, DataRow row) {
    try {
      return all ? template.transcript(chat) : template.conversation(chat);
    } catch (TemplateException e) {
      throw TemplateFailures.of(e, ModelTemplates.FIELD, row);
    }
  }

  private static PromptText joined(boolean all, String prompt, String completion) {
    return all
        ? PromptText.allOf(prompt + completion)
        : PromptText.completionOf(prompt, completion);
  }
}
