package io.loraoperator.trainer.template;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Jinja template, ready to be rendered. Rendering reaches nothing but the values given to it,
 * does a bounded amount of work ({@link Budget}) and depends on nothing else, the clock included.
 */
public final class Template {

  private static final int CHARACTERS = 1 << 20;

  private final List<Statement> statements;
  private final Set<String> variables;

  private Template(List<Statement> statements, Set<String> variables) {
    this.statements = statements;
    this.variables = variables;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateException of kind {@code SYNTAX}
   */
  public static Template parse(String source) {
    if (source.length() > CHARACTERS) {
      throw new TemplateException(
          TemplateException.Kind.SYNTAX, 0, "is longer than %,d characters".formatted(CHARACTERS));
    }
    Names names = new Names();
    TokenStream tokens = new TokenStream(Lexer.tokens(source));
    try {
      return new Template(new StatementParser(tokens, names).template(), names.required());
    } catch (StackOverflowError e) {
      throw tooDeep(TemplateException.Kind.SYNTAX);
    }
  }

  /** The names that the template reads, neither sets nor asks whether they are there. */
  public Set<String> variables() {
    return variables;
  }

  /**
   * Renders the template.
   *
   * @param values strings, numbers, booleans, null, lists and maps by name
   * @throws TemplateException if the values do not fit, or the work is too much
   */
  public Rendered render(Map<String, ? extends @Nullable Object> values) {
    return render(values, null);
  }

  /**
   * Renders the template and notes which part of the text each element of a list is responsible
   * for.
   *
   * @param watched the name of the list
   */
  public Rendered render(Map<String, ? extends @Nullable Object> values, @Nullable String watched) {
    Run run = new Run();
    Scope scope = new Scope(run);
    values.forEach((name, value) -> {
      Object plain = Values.of(value);
      scope.set(name, plain);
      if (name.equals(watched) && plain instanceof List<?> list) {
        run.watch(list);
      }
    });
    // As in Jinja2, what the template sets at its top level may hide what it was given.
    try {
      Statement.runAll(statements, new Scope(scope));
    } catch (StackOverflowError e) {
      throw tooDeep(TemplateException.Kind.LIMIT);
    }
    return run.finish();
  }

  private static TemplateException tooDeep(TemplateException.Kind kind) {
    return new TemplateException(kind, 0, "holds an expression that is too long");
  }
}
