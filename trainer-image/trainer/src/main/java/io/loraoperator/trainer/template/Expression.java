package io.loraoperator.trainer.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An expression of a template. */
sealed interface Expression {

  @Nullable Object value(Scope scope);

  /** Evaluates with the work and the nesting counted. */
  default @Nullable Object evaluate(Scope scope) {
    Budget budget = scope.run.budget;
    budget.spend(1);
    return value(scope);
  }

  default boolean isTrue(Scope scope) {
    return Values.isTrue(evaluate(scope));
  }

  record Literal(@Nullable Object constant) implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
      return constant;
    }
  }

  record Name(String name) implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
      return scope.get(name);
    }
  }

  record ListOf(List<Expression> items) implements Expression {
    @Override
    public Object value(Scope scope) {
      List<@Nullable Object> values = new ArrayList<>(items.size());
      items.forEach(item -> values.add(item.evaluate(scope)));
      return values;
    }
  }

  record TupleOf(List<Expression> items) implements Expression {
    @Override
    public Object value(Scope scope) {
      List<@Nullable Object> values = new ArrayList<>(items.size());
      items.forEach(item -> values.add(item.evaluate(scope)));
      return new Tuple(values);
    }
  }

  record MapOf(List<Expression> keys, List<Expression> values) implements Expression {
    @Override
    public Object value(Scope scope) {
      Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        Object key = Attributes.key(keys.get(i).evaluate(scope));
        scope.run.budget.once(key);
        map.put(key, values.get(i).evaluate(scope));
      }
      return map;
    }
  }

  record Negation(Expression operand) implements Expression {
    @Override
    public Object value(Scope scope) {
      return !operand.isTrue(scope);
    }
  }

  record Sign(boolean minus, Expression operand) implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
      return Arithmetic.apply(minus ? "-" : "+", 0L, operand.evaluate(scope), scope.run.budget);
    }
  }

  record And(Expression left, Expression right) implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
      Object first = left.evaluate(scope);
      return Values.isTrue(first) ? right.evaluate(scope) : first;
    }
  }

  record Or(Expression left, Expression right) implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
      Object first = left.evaluate(scope);
      return Values.isTrue(first) ? first : right.evaluate(scope);
    }
  }

  record Operation(String operator, Expression left, Expression right) implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
      return Arithmetic.apply(
          operator, left.evaluate(scope), right.evaluate(scope), scope.run.budget);
    }
  }

  record Concatenation(List<Expression> parts) implements Expression {
    @Override
    public Object value(Scope scope) {
      StringBuilder text = new StringBuilder();
      for (Expression part : parts) {
        String next = Values.text(part.evaluate(scope), scope.run.budget);
        scope.run.budget.grow(text.length(), next.length());
        text.append(next);
      }
      return text.toString();
    }
  }

  /** A chain such as {@code a < b <= c}. */
  record Comparison(Expression first, List<String> operators, List<Expression> others)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      Object left = first.evaluate(scope);
      for (int i = 0; i < operators.size(); i++) {
        Object right = others.get(i).evaluate(scope);
        if (!holds(operators.get(i), left, right, scope.run.budget)) {
          return false;
        }
        left = right;
      }
      return true;
    }

    static boolean holds(
        String operator, @Nullable Object left, @Nullable Object right, Budget budget) {
      return switch (operator) {
        case "==" -> Values.areEqual(left, right, budget);
        case "!=" -> !Values.areEqual(left, right, budget);
        case "<" -> Values.compare(left, right, budget) < 0;
        case "<=" -> Values.compare(left, right, budget) <= 0;
        case ">" -> Values.compare(left, right, budget) > 0;
        case ">=" -> Values.compare(left, right, budget) >= 0;
        case "in" -> Values.contains(right, left, budget);
        case "not in" -> !Values.contains(right, left, budget);
        default -> throw new IllegalStateException(operator);
      };
    }
  }

  record Conditional(Expression test, Expression yes, @Nullable Expression no)
      implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
      if (test.isTrue(scope)) {
        return yes.evaluate(scope);
      }
      return no == null ? new Undefined("the value without an else") : no.evaluate(scope);
    }
  }

  record Attribute(Expression target, String name) implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
      return Attributes.attribute(target.evaluate(scope), name);
    }
  }

  record Item(Expression target, Expression index) implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
      return Attributes.item(target.evaluate(scope), index.evaluate(scope), scope.run.budget);
    }
  }

  record Slice(
      Expression target,
      @Nullable Expression from,
      @Nullable Expression to,
      @Nullable Expression step)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      return Slices.slice(
          target.evaluate(scope),
          at(from, scope),
          at(to, scope),
          at(step, scope),
          scope.run.budget);
    }

    private static @Nullable Long at(@Nullable Expression index, Scope scope) {
      Object value = index == null ? null : index.evaluate(scope);
      return value == null ? null : (Long) Values.toLong(value);
    }
  }

  record Call(Expression target, ArgumentList arguments) implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
      Object callee = target.evaluate(scope);
      if (callee instanceof Undefined none) {
        throw none.used();
      }
      if (!(callee instanceof Callable callable)) {
        throw TemplateException.value(Values.typeOf(callee) + " cannot be called");
      }
      scope.run.budget.enter();
      scope.run.budget.spend(Budget.CALL_UNITS);
      Object result = callable.call(arguments.evaluate(scope), scope.run);
      scope.run.budget.leave();
      return result;
    }
  }

  /** A filter; in a {@code filter} block the input is bound as a literal. */
  record Filtered(Expression input, String name, ArgumentList arguments) implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
      return Filters.apply(name, input.evaluate(scope), arguments.evaluate(scope), scope.run);
    }
  }

  record Tested(Expression input, String name, ArgumentList arguments) implements Expression {
    @Override
    public Object value(Scope scope) {
      return Tests.holds(name, input.evaluate(scope), arguments.evaluate(scope), scope.run);
    }
  }

  /** The arguments of a call, a filter or a test. */
  record ArgumentList(List<Expression> positional, Map<String, Expression> named) {
    static final ArgumentList NONE = new ArgumentList(List.of(), Map.of());

    Arguments evaluate(Scope scope) {
      if (positional.isEmpty() && named.isEmpty()) {
        return Arguments.NONE;
      }
      List<@Nullable Object> values = new ArrayList<>();
      positional.forEach(argument -> values.add(argument.evaluate(scope)));
      Map<String, @Nullable Object> byName = new LinkedHashMap<>();
      named.forEach((name, argument) -> byName.put(name, argument.evaluate(scope)));
      return new Arguments(values, byName);
    }
  }
}
