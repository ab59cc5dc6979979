package io.loraoperator.trainer.template;

import io.loraoperator.trainer.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads statements. */
final class StatementParser {

  private final TokenStream tokens;
  private final Names names;
  private final ExpressionParser expressions;
  private int loops;

  StatementParser(TokenStream tokens, Names names) {
    this.tokens = tokens;
    this.names = names;
    this.expressions = new ExpressionParser(tokens, names);
  }

  /** The whole template. */
  List<Statement> template() {
    return body(Set.of(), "template");
  }

  /** Statements up to one of some closing tags, whose name is the next token then. */
  private List<Statement> body(Set<String> closing, String owner) {
    tokens.enter();
    List<Statement> statements = new ArrayList<>();
    while (true) {
      Token token = tokens.next();
      switch (token.kind()) {
        case DATA -> statements.add(new Statement.Data(token.text()));
        case VARIABLE_BEGIN -> {
          Statement output = new Statement.Output(expressions.tuple());
          tokens.expect(Kind.VARIABLE_END, "}}");
          statements.add(new Statement.AtLine(token.line(), output));
        }
        case BLOCK_BEGIN -> {
          if (tokens.peek().kind() == Kind.NAME && closing.contains(tokens.peek().text())) {
            tokens.leave();
            return statements;
          }
          statements.add(new Statement.AtLine(token.line(), statement()));
        }
        default -> {
          if (!closing.isEmpty()) {
            throw tokens.syntax(
                "%s is not closed: {%% end%s %%} is missing".formatted(owner, owner));
          }
          tokens.leave();
          return statements;
        }
      }
    }
  }

  private Statement statement() {
    Token tag = tokens.expect(Kind.NAME, "a tag's name");
    return switch (tag.text()) {
      case "if" -> condition();
      case "for" -> loop();
      case "set" -> assignment();
      case "macro" -> macro();
      case "call" -> callBlock();
      case "filter" -> filterBlock();
      case "with" -> with();
      case "generation" -> {
        end();
        yield new Statement.Generation(outsideLoops("generation"));
      }
      case "break" -> leave(Statement.End.BREAK);
      case "continue" -> leave(Statement.End.CONTINUE);
      default ->
          throw tokens.syntax("the tag %s is unknown or not allowed here".formatted(tag.text()));
    };
  }

  private Statement leave(Statement.End end) {
    if (loops == 0) {
      throw tokens.syntax("break and continue belong into a loop");
    }
    end();
    return new Statement.Leave(end);
  }

  private Statement condition() {
    Expression test = expressions.tuple();
    end();
    List<Statement> yes = body(Set.of("elif", "else", "endif"), "if");
    String next = tokens.next().text();
    List<Statement> no = List.of();
    if (next.equals("elif")) {
      tokens.enter();
      no = List.of(condition());
      tokens.leave();
      return new Statement.If(test, yes, no);
    }
    if (next.equals("else")) {
      end();
      no = body(Set.of("endif"), "if");
      tokens.next();
    }
    end();
    return new Statement.If(test, yes, no);
  }

  private Statement loop() {
    List<String> targets = targets();
    tokens.expectName("in");
    Expression iterable = expressions.withoutCondition();
    if (tokens.peek().is(",")) {
      throw tokens.syntax("a loop over a tuple needs parentheses");
    }
    Expression test = tokens.skipName("if") ? expressions.expression() : null;
    if (tokens.peek().isName("recursive")) {
      throw tokens.syntax("recursive loops are not supported; use a macro");
    }
    end();
    loops++;
    List<Statement> body = body(Set.of("else", "endfor"), "for");
    loops--;
    List<Statement> otherwise = List.of();
    if (tokens.next().isName("else")) {
      end();
      otherwise = body(Set.of("endfor"), "for");
      tokens.next();
    }
    end();
    return new Statement.For(targets, iterable, test, body, otherwise);
  }

  private Statement assignment() {
    List<String> targets = targets();
    if (tokens.skip("=")) {
      Expression value = expressions.tuple();
      end();
      return new Statement.Set(targets, value);
    }
    Statement.@Nullable Filtering filter = tokens.skip("|") ? filtering() : null;
    end();
    return new Statement.SetBlock(targets.getFirst(), filter, outsideLoops("set"));
  }

  private List<String> targets() {
    List<String> targets = new ArrayList<>();
    boolean parenthesis = tokens.skip("(");
    do {
      String name = tokens.expect(Kind.NAME, "a name").text();
      if (tokens.skip(".")) {
        names.read(name);
        name += "." + tokens.expect(Kind.NAME, "a field's name").text();
      } else {
        names.assigned(name);
      }
      targets.add(name);
    } while (tokens.skip(",") && tokens.peek().kind() == Kind.NAME);
    if (parenthesis) {
      tokens.expect(")");
    }
    return targets;
  }

  private Statement macro() {
    String name = tokens.expect(Kind.NAME, "the macro's name").text();
    names.assigned(name);
    List<String> parameters = new ArrayList<>();
    Map<String, Expression> defaults = new LinkedHashMap<>();
    tokens.expect("(");
    while (!tokens.peek().is(")")) {
      String parameter = tokens.expect(Kind.NAME, "a parameter's name").text();
      names.assigned(parameter);
      parameters.add(parameter);
      if (tokens.skip("=")) {
        defaults.put(parameter, expressions.expression());
      }
      if (!tokens.skip(",")) {
        break;
      }
    }
    tokens.expect(")");
    end();
    return new Statement.Macro(name, parameters, defaults, outsideLoops("macro"));
  }

  private Statement callBlock() {
    if (tokens.peek().is("(")) {
      throw tokens.syntax("a call block with parameters is not supported");
    }
    if (!(expressions.expression() instanceof Expression.Call call)) {
      throw tokens.syntax("expected the call of a macro");
    }
    end();
    return new Statement.CallBlock(call, outsideLoops("call"));
  }

  private List<Statement> outsideLoops(String tag) {
    int outer = loops;
    loops = 0;
    List<Statement> body = closed(tag);
    loops = outer;
    return body;
  }

  private Statement filterBlock() {
    Statement.Filtering filter = filtering();
    end();
    return new Statement.FilterBlock(filter, outsideLoops("filter"));
  }

  /** One or more filters that will be put on a text. */
  private Statement.Filtering filtering() {
    Expression chain = expressions.filter(new Expression.Literal(""));
    while (tokens.skip("|")) {
      chain = expressions.filter(chain);
    }
    Expression last = chain;
    return text -> startingWith(text, last);
  }

  /** A chain of filters with another text at its start. */
  private static Expression startingWith(String text, Expression chain) {
    return chain instanceof Expression.Filtered filtered
        ? new Expression.Filtered(
            startingWith(text, filtered.input()), filtered.name(), filtered.arguments())
        : new Expression.Literal(text);
  }

  private Statement with() {
    Map<String, Expression> values = new LinkedHashMap<>();
    while (tokens.peek().kind() == Kind.NAME) {
      String name = tokens.next().text();
      names.assigned(name);
      tokens.expect("=");
      values.put(name, expressions.expression());
      if (!tokens.skip(",")) {
        break;
      }
    }
    end();
    return new Statement.With(values, closed("with"));
  }

  /** The body of a tag up to its end tag. */
  private List<Statement> closed(String tag) {
    List<Statement> body = body(Set.of("end" + tag), tag);
    tokens.next();
    end();
    return body;
  }

  private void end() {
    tokens.expect(Kind.BLOCK_END, "%}");
  }
}
