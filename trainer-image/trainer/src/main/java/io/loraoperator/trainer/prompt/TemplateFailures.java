package io.loraoperator.trainer.prompt;

import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.trainer.dataset.DataRow;
import io.loraoperator.trainer.template.Template;
import io.loraoperator.trainer.template.TemplateException;
import java.util.function.Supplier;

/** Faults of templates, told as faults of the manifest or of a row. */
final class TemplateFailures {

  private static final String CORRECT = "correct the template";

  private TemplateFailures() {}

  /** Reads a template that stands in the manifest. */
  static Template parse(String field, String source) {
    return parsing(field, "", () -> Template.parse(source));
  }

  /**
   * Reads a template.
   *
   * @param owner whose template it is, if it is not the manifest's
   */
  static <T> T parsing(String field, String owner, Supplier<T> parse) {
    try {
      return parse.get();
    } catch (TemplateException e) {
      throw new InvalidSpecException(
          field, "%sline %d: %s".formatted(owner, e.line(), e.getMessage()), CORRECT);
    }
  }

  /** A failure while a row is rendered: the manifest's if no row could do, else the row's. */
  static RuntimeException of(TemplateException e, String field, DataRow row) {
    return switch (e.kind()) {
      case SYNTAX, LIMIT ->
          new InvalidSpecException(
              field,
              "line %d: %s".formatted(e.line(), e.getMessage()),
              "make the template smaller");
      case REFUSED ->
          row.invalid("the template of %s refuses it: %s".formatted(field, e.getMessage()));
      case VALUE ->
          row.invalid(
              "the template of %s fails%s: %s"
                  .formatted(
                      field, e.line() > 0 ? " in its line " + e.line() : "", e.getMessage()));
    };
  }
}
