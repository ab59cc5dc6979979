package io.loraoperator.trainer.template;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jinja's tests: {@code x is name}. */
final class Tests {

  private interface Test {
    boolean holds(@Nullable Object value, Arguments arguments, Run run);
  }

  private static final Map<String, Test> ALL =
      Map.ofEntries(
          Map.entry("defined", (value, arguments, run) -> !(value instanceof Undefined)),
          Map.entry("undefined", (value, arguments, run) -> value instanceof Undefined),
          Map.entry("none", (value, arguments, run) -> value == null),
          Map.entry("true", (value, arguments, run) -> Boolean.TRUE.equals(value)),
          Map.entry("false", (value, arguments, run) -> Boolean.FALSE.equals(value)),
          Map.entry("boolean", (value, arguments, run) -> value instanceof Boolean),
          Map.entry("integer", (value, arguments, run) -> value instanceof Long),
          Map.entry("float", (value, arguments, run) -> value instanceof Double),
          Map.entry("number", (value, arguments, run) -> Values.isNumber(value)),
          Map.entry("string", (value, arguments, run) -> value instanceof String),
          Map.entry("mapping", (value, arguments, run) -> value instanceof Map),
          Map.entry("iterable", (value, arguments, run) -> isIterable(value)),
          Map.entry("sequence", (value, arguments, run) -> isIterable(value)),
          Map.entry("callable", (value, arguments, run) -> value instanceof Callable),
          Map.entry("even", (value, arguments, run) -> Values.toLong(value) % 2 == 0),
          Map.entry("odd", (value, arguments, run) -> Values.toLong(value) % 2 != 0),
          Map.entry("divisibleby", (value, arguments, run) -> isDivisible(value, arguments)),
          Map.entry("lower", (value, arguments, run) -> isCase(value, false)),
          Map.entry("upper", (value, arguments, run) -> isCase(value, true)),
          Map.entry("sameas", (value, arguments, run) -> isSame(value, other(arguments))),
          Map.entry("in", comparison("in")),
          Map.entry("eq", comparison("==")),
          Map.entry("equalto", comparison("==")),
          Map.entry("==", comparison("==")),
          Map.entry("ne", comparison("!=")),
          Map.entry("!=", comparison("!=")),
          Map.entry("lt", comparison("<")),
          Map.entry("lessthan", comparison("<")),
          Map.entry("<", comparison("<")),
          Map.entry("le", comparison("<=")),
          Map.entry("<=", comparison("<=")),
          Map.entry("gt", comparison(">")),
          Map.entry("greaterthan", comparison(">")),
          Map.entry(">", comparison(">")),
          Map.entry("ge", comparison(">=")),
          Map.entry(">=", comparison(">=")));

  private Tests() {}

  static boolean exists(String name) {
    return ALL.containsKey(name);
  }

  static boolean holds(String name, @Nullable Object value, Arguments arguments, Run run) {
    Test test = ALL.get(name);
    if (test == null) {
      throw TemplateException.value("there is no test " + name);
    }
    run.budget.once(value);
    return test.holds(value, arguments, run);
  }

  @SuppressWarnings("ReferenceEquality") // what Python's "is" means
  private static boolean isSame(@Nullable Object value, @Nullable Object other) {
    return value == other
        || (!(value instanceof List || value instanceof Map)
            && java.util.Objects.equals(value, other));
  }

  private static Test comparison(String operator) {
    return (value, arguments, run) ->
        Expression.Comparison.holds(operator, value, other(arguments), run.budget);
  }

  private static @Nullable Object other(Arguments arguments) {
    if (arguments.positional().isEmpty()) {
      throw TemplateException.value("the test needs a value to compare with");
    }
    return arguments.positional().getFirst();
  }

  private static boolean isIterable(@Nullable Object value) {
    return value instanceof String
        || value instanceof List
        || value instanceof Map
        || value instanceof Undefined;
  }

  private static boolean isDivisible(@Nullable Object value, Arguments arguments) {
    long divisor = Values.toLong(other(arguments));
    if (divisor == 0) {
      throw TemplateException.value("divisibleby: division by zero");
    }
    return Values.toLong(value) % divisor == 0;
  }

  private static boolean isCase(@Nullable Object value, boolean upper) {
    return value instanceof String text
        && text.equals(upper ? text.toUpperCase(Locale.ROOT) : text.toLowerCase(Locale.ROOT))
        && text.codePoints().anyMatch(Character::isLetter);
  }
}
