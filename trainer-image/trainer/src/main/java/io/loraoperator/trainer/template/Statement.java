package io.loraoperator.trainer.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A statement of a template. */
sealed interface Statement {

  /** How a statement ends. */
  enum End {
    NORMAL,
    BREAK,
    CONTINUE
  }

  End run(Scope scope);

  /** Runs statements until one of them leaves the loop around it. */
  static End runAll(List<Statement> statements, Scope scope) {
    for (Statement statement : statements) {
      scope.run.budget.spend(1);
      End end = statement.run(scope);
      if (end != End.NORMAL) {
        return end;
      }
    }
    return End.NORMAL;
  }

  /** Adds the line to the faults of a statement. */
  record AtLine(int line, Statement statement) implements Statement {
    @Override
    public End run(Scope scope) {
      try {
        return statement.run(scope);
      } catch (TemplateException e) {
        throw e.at(line);
      }
    }
  }

  record Data(String text) implements Statement {
    @Override
    public End run(Scope scope) {
      scope.run.write(text);
      return End.NORMAL;
    }
  }

  record Output(Expression expression) implements Statement {
    @Override
    public End run(Scope scope) {
      scope.run.write(Values.text(expression.evaluate(scope), scope.run.budget));
      return End.NORMAL;
    }
  }

  record If(Expression test, List<Statement> yes, List<Statement> no) implements Statement {
    @Override
    public End run(Scope scope) {
      return runAll(test.isTrue(scope) ? yes : no, scope);
    }
  }

  record For(
      List<String> targets,
      Expression iterable,
      @Nullable Expression condition,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {
    @Override
    public End run(Scope scope) {
      List<@Nullable Object> items = Values.elements(iterable.evaluate(scope), scope.run.budget);
      if (condition != null) {
        items.removeIf(item -> {
          Scope inner = new Scope(scope);
          Assignments.unpack(targets, item, inner);
          return !condition.isTrue(inner);
        });
      }
      if (items.isEmpty()) {
        return runAll(otherwise, new Scope(scope));
      }
      LoopState loop = new LoopState(items);
      for (int i = 0; i < items.size(); i++) {
        loop.moveTo(i);
        Scope inner = new Scope(scope);
        Assignments.unpack(targets, items.get(i), inner);
        inner.set("loop", loop);
        if (scope.run.iteration(items.get(i), () -> runAll(body, inner)) == End.BREAK) {
          break;
        }
      }
      return End.NORMAL;
    }
  }

  record Set(List<String> targets, Expression expression) implements Statement {
    @Override
    public End run(Scope scope) {
      Assignments.unpack(targets, expression.evaluate(scope), scope);
      return End.NORMAL;
    }
  }

  /** {@code set name} with a body; the filter's input is what the body writes. */
  record SetBlock(String target, @Nullable Filtering filter, List<Statement> body)
      implements Statement {
    @Override
    public End run(Scope scope) {
      String text = scope.run.captured(() -> runAll(body, new Scope(scope)));
      Object value = filter == null ? text : filter.of(text).evaluate(scope);
      Assignments.unpack(List.of(target), value, scope);
      return End.NORMAL;
    }
  }

  /** A filter that is put on what a body writes. */
  interface Filtering {
    Expression of(String text);
  }

  record FilterBlock(Filtering filter, List<Statement> body) implements Statement {
    @Override
    public End run(Scope scope) {
      String text = scope.run.captured(() -> runAll(body, new Scope(scope)));
      scope.run.write(Values.text(filter.of(text).evaluate(scope), scope.run.budget));
      return End.NORMAL;
    }
  }

  record With(Map<String, Expression> values, List<Statement> body) implements Statement {
    @Override
    public End run(Scope scope) {
      Scope inner = new Scope(scope);
      values.forEach((name, value) -> inner.set(name, value.evaluate(scope)));
      return runAll(body, inner);
    }
  }

  record Generation(List<Statement> body) implements Statement {
    @Override
    public End run(Scope scope) {
      return scope.run.generation(() -> runAll(body, new Scope(scope)));
    }
  }

  record Leave(End end) implements Statement {
    @Override
    public End run(Scope scope) {
      return end;
    }
  }

  record Macro(
      String name, List<String> parameters, Map<String, Expression> defaults, List<Statement> body)
      implements Statement {
    @Override
    public End run(Scope scope) {
      scope.set(name, callable(scope));
      return End.NORMAL;
    }

    Callable callable(Scope scope) {
      return (arguments, run) -> {
        Scope inner = new Scope(scope);
        if (arguments.positional().size() > parameters.size()) {
          throw TemplateException.value("too many arguments for " + name);
        }
        for (int i = 0; i < parameters.size(); i++) {
          String parameter = parameters.get(i);
          Expression otherwise = defaults.get(parameter);
          inner.set(
              parameter,
              arguments.has(i, parameter)
                  ? arguments.get(i, parameter, null)
                  : otherwise == null
                      ? new Undefined("parameter " + parameter)
                      : otherwise.evaluate(inner));
        }
        for (Map.Entry<String, @Nullable Object> argument : arguments.named().entrySet()) {
          if (argument.getKey().equals("caller")) {
            inner.set("caller", argument.getValue());
          } else if (!parameters.contains(argument.getKey())) {
            throw TemplateException.value(
                "%s has no parameter %s".formatted(name, argument.getKey()));
          }
        }
        return run.captured(() -> runAll(body, inner));
      };
    }
  }

  record CallBlock(Expression.Call call, List<Statement> body) implements Statement {
    @Override
    public End run(Scope scope) {
      if (!(call.target().evaluate(scope) instanceof Callable callee)) {
        throw TemplateException.value("a call block calls what is no macro");
      }
      Arguments given = call.arguments().evaluate(scope);
      Map<String, @Nullable Object> named = new java.util.LinkedHashMap<>(given.named());
      named.put("caller", new Macro("caller", List.of(), Map.of(), body).callable(scope));
      scope.run.budget.enter();
      Object text = callee.call(new Arguments(given.positional(), named), scope.run);
      scope.run.budget.leave();
      scope.run.write(Values.text(text, scope.run.budget));
      return End.NORMAL;
    }
  }
}
