package io.loraoperator.trainer.template;

/** What is wrong with a template, or with the values it was given. */
public final class TemplateException extends RuntimeException {

  /** Who has to correct what. */
  public enum Kind {
    /** The template cannot be read, or uses what does not exist. */
    SYNTAX,
    /** The template does more work, or writes more, than is allowed. */
    LIMIT,
    /** The template refuses its input by {@code raise_exception}. */
    REFUSED,
    /** The values do not fit what the template does with them. */
    VALUE
  }

  private static final long serialVersionUID = 1;

  /** A message may quote the template. */
  private static final int LONGEST = 1000;

  private final Kind kind;
  private final int line;

  TemplateException(Kind kind, int line, String message) {
    super(message.length() > LONGEST ? message.substring(0, LONGEST) + "…" : message);
    this.kind = kind;
    this.line = line;
  }

  /** A fault of kind {@code VALUE}; if a statement is at fault, it adds its line. */
  public static TemplateException value(String message) {
    return new TemplateException(Kind.VALUE, 0, message);
  }

  static TemplateException limit(String message) {
    return new TemplateException(Kind.LIMIT, 0, message);
  }

  /** The same fault with a line, if it has none. */
  TemplateException at(int statementLine) {
    return line > 0 ? this : new TemplateException(kind, statementLine, getMessage());
  }

  /** What kind of fault it is. */
  public Kind kind() {
    return kind;
  }

  /** The template's line, from 1. */
  public int line() {
    return line;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
