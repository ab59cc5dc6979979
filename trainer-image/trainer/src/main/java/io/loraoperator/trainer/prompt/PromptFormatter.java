package io.loraoperator.trainer.prompt;

import io.loraoperator.contract.FineTuneSpec.Loss;
import io.loraoperator.contract.FineTuneSpec.LossTokens;
import io.loraoperator.contract.FineTuneSpec.Prompt;
import io.loraoperator.trainer.dataset.DataRow;
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
   */
  static PromptFormatter of(Prompt prompt, Loss loss, Set<String> columns) {
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
      case Prompt.Template templates -> {
        RowTemplate question =
            new RowTemplate("spec.dataset.prompt.template.prompt", templates.prompt(), columns);
        String completion = templates.completion();
        RowTemplate answer =
            completion == null
                ? null
                : new RowTemplate("spec.dataset.prompt.template.completion", completion, columns);
        yield row -> joined(all, question.render(row), answer == null ? "" : answer.render(row));
      }
    };
  }

  private static PromptText joined(boolean all, String prompt, String completion) {
    return all
        ? PromptText.allOf(prompt + completion)
        : PromptText.completionOf(prompt, completion);
  }
}
