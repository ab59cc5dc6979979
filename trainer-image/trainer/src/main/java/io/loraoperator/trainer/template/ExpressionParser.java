package io.loraoperator.trainer.template;

import io.loraoperator.trainer.template.Expression.ArgumentList;
import io.loraoperator.trainer.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Reads expressions, with Jinja2's precedences. */
final class ExpressionParser {

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  /** Names that end a test's argument. */
  private static final Set<String> KEYWORDS = Set.of("else", "or", "and", "is", "if", "in", "not");

  private final TokenStream tokens;
  private final Names names;

  ExpressionParser(TokenStream tokens, Names names) {
    this.tokens = tokens;
    this.names = names;
  }

  /** An expression, or several with commas between them, which make a list. */
  Expression tuple() {
    Expression first = expression();
    if (!tokens.peek().is(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (tokens.skip(",") && beginsExpression()) {
      items.add(expression());
    }
    return new Expression.TupleOf(items);
  }

  Expression expression() {
    return nested(() -> {
      Expression value = or();
      while (tokens.skipName("if")) {
        Expression test = or();
        Expression no = tokens.skipName("else") ? expression() : null;
        value = new Expression.Conditional(test, value, no);
      }
      return value;
    });
  }

  /** An expression that an {@code if} behind it does not belong to. */
  Expression withoutCondition() {
    return nested(this::or);
  }

  private <T> T nested(Supplier<T> parse) {
    tokens.enter();
    T result = parse.get();
    tokens.leave();
    return result;
  }

  private Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      left = new Expression.Or(left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      left = new Expression.And(left, not());
    }
    return left;
  }

  private Expression not() {
    return tokens.skipName("not") ? nested(() -> new Expression.Negation(not())) : comparison();
  }

  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    while (true) {
      Token token = tokens.peek();
      if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
        operators.add(tokens.next().text());
      } else if (tokens.skipName("in")) {
        operators.add("in");
      } else if (token.isName("not") && tokens.peekNext().isName("in")) {
        tokens.next();
        tokens.next();
        operators.add("not in");
      } else {
        return others.isEmpty() ? first : new Expression.Comparison(first, operators, others);
      }
      others.add(sum());
    }
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.peek().is("+") || tokens.peek().is("-")) {
      left = new Expression.Operation(tokens.next().text(), left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression first = product();
    if (!tokens.peek().is("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (tokens.skip("~")) {
      parts.add(product());
    }
    return new Expression.Concatenation(parts);
  }

  private Expression product() {
    Expression left = power();
    while (tokens.peek().is("*")
        || tokens.peek().is("/")
        || tokens.peek().is("//")
        || tokens.peek().is("%")) {
      left = new Expression.Operation(tokens.next().text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.skip("**")) {
      left = new Expression.Operation("**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilters) {
    Expression value;
    if (tokens.peek().is("-") || tokens.peek().is("+")) {
      boolean minus = tokens.next().is("-");
      value = new Expression.Sign(minus, nested(() -> unary(false)));
    } else {
      value = postfix(primary());
    }
    return withFilters ? filters(value) : value;
  }

  private Expression primary() {
    Token token = tokens.peek();
    switch (token.kind()) {
      case NAME -> {
        tokens.next();
        return switch (token.text()) {
          case "true", "True" -> new Expression.Literal(true);
          case "false", "False" -> new Expression.Literal(false);
          case "none", "None" -> new Expression.Literal(null);
          default -> {
            names.read(token.text());
            yield new Expression.Name(token.text());
          }
        };
      }
      case STRING -> {
        StringBuilder text = new StringBuilder();
        while (tokens.peek().kind() == Kind.STRING) {
          text.append(tokens.next().text());
        }
        return new Expression.Literal(text.toString());
      }
      case INTEGER -> {
        try {
          return new Expression.Literal(Long.valueOf(tokens.next().text()));
        } catch (NumberFormatException e) {
          throw tokens.syntax("the number is too large");
        }
      }
      case FLOAT -> {
        return new Expression.Literal(Double.valueOf(tokens.next().text()));
      }
      default -> {
        if (token.is("(")) {
          return nested(this::parenthesis);
        }
        if (token.is("[")) {
          return nested(this::list);
        }
        if (token.is("{")) {
          return nested(this::map);
        }
        throw tokens.unexpected("a value");
      }
    }
  }

  private Expression parenthesis() {
    tokens.expect("(");
    if (tokens.skip(")")) {
      return new Expression.TupleOf(List.of());
    }
    Expression value = tuple();
    tokens.expect(")");
    return value;
  }

  private Expression list() {
    tokens.expect("[");
    List<Expression> items = new ArrayList<>();
    while (!tokens.peek().is("]")) {
      items.add(expression());
      if (!tokens.skip(",")) {
        break;
      }
    }
    tokens.expect("]");
    return new Expression.ListOf(items);
  }

  private Expression map() {
    tokens.expect("{");
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.peek().is("}")) {
      keys.add(expression());
      tokens.expect(":");
      values.add(expression());
      if (!tokens.skip(",")) {
        break;
      }
    }
    tokens.expect("}");
    return new Expression.MapOf(keys, values);
  }

  private Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.skip(".")) {
        Token name = tokens.next();
        if (name.kind() == Kind.NAME) {
          value = new Expression.Attribute(value, name.text());
        } else if (name.kind() == Kind.INTEGER && name.text().length() < 10) {
          value = new Expression.Item(value, new Expression.Literal(Long.valueOf(name.text())));
        } else {
          throw tokens.syntax("expected a name after the dot");
        }
      } else if (tokens.peek().is("[")) {
        value = subscript(value);
      } else if (tokens.peek().is("(")) {
        value = new Expression.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression subscript(Expression target) {
    tokens.expect("[");
    Expression from = tokens.peek().is(":") ? null : expression();
    if (!tokens.peek().is(":")) {
      tokens.expect("]");
      return new Expression.Item(target, java.util.Objects.requireNonNull(from));
    }
    tokens.expect(":");
    Expression to = tokens.peek().is(":") || tokens.peek().is("]") ? null : expression();
    Expression step = tokens.skip(":") && !tokens.peek().is("]") ? expression() : null;
    tokens.expect("]");
    return new Expression.Slice(target, from, to, step);
  }

  /** Filters, tests and calls behind a value. */
  private Expression filters(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.skip("|")) {
        value = filter(value);
      } else if (tokens.skipName("is")) {
        value = test(value);
      } else if (tokens.peek().is("(")) {
        value = new Expression.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  /** A filter's name and arguments, on a value. */
  Expression filter(Expression input) {
    Token name = tokens.expect(Kind.NAME, "a filter's name");
    if (!Filters.exists(name.text())) {
      throw tokens.syntax("there is no filter " + name.text());
    }
    if (input instanceof Expression.Name variable && Set.of("default", "d").contains(name.text())) {
      names.optional(variable.name());
    }
    return new Expression.Filtered(
        input, name.text(), tokens.peek().is("(") ? arguments() : ArgumentList.NONE);
  }

  private Expression test(Expression input) {
    boolean negated = tokens.skipName("not");
    Token name = tokens.expect(Kind.NAME, "a test's name");
    if (!Tests.exists(name.text())) {
      throw tokens.syntax("there is no test " + name.text());
    }
    if (input instanceof Expression.Name variable && name.text().endsWith("defined")) {
      names.optional(variable.name());
    }
    ArgumentList arguments = ArgumentList.NONE;
    if (tokens.peek().is("(")) {
      arguments = arguments();
    } else if (beginsExpression() && !tokens.peek().is("-") && !tokens.peek().is("+")) {
      Expression argument = nested(() -> postfix(primary()));
      arguments = new ArgumentList(List.of(argument), Map.of());
    }
    Expression test = new Expression.Tested(input, name.text(), arguments);
    return negated ? new Expression.Negation(test) : test;
  }

  private boolean beginsExpression() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case NAME -> !KEYWORDS.contains(token.text());
      case STRING, INTEGER, FLOAT -> true;
      default -> token.is("(") || token.is("[") || token.is("{") || token.is("-") || token.is("+");
    };
  }

  ArgumentList arguments() {
    tokens.expect("(");
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    while (!tokens.peek().is(")")) {
      if (tokens.peek().kind() == Kind.NAME && tokens.peekNext().is("=")) {
        String name = tokens.next().text();
        tokens.next();
        named.put(name, expression());
      } else if (named.isEmpty()) {
        positional.add(expression());
      } else {
        throw tokens.unexpected("a named argument");
      }
      if (!tokens.skip(",")) {
        break;
      }
    }
    tokens.expect(")");
    return new ArgumentList(positional, named);
  }
}
