package io.loraoperator.trainer.template;

/**
 * A piece of a template.
 *
 * @param text the data, the name, the operator, the decoded string or the digits
 * @param line from 1
 */
record Token(Kind kind, String text, int line) {

  enum Kind {
    DATA,
    BLOCK_BEGIN,
    BLOCK_END,
    VARIABLE_BEGIN,
    VARIABLE_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  boolean isName(String name) {
    return kind == Kind.NAME && text.equals(name);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case END -> "the end of the template";
      case BLOCK_END -> "%}";
      case VARIABLE_END -> "}}";
      case STRING -> "'" + text + "'";
      default -> text;
    };
  }
}
