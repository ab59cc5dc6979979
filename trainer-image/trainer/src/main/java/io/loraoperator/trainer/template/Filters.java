package io.loraoperator.trainer.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jinja's filters: {@code x | name}. */
final class Filters {

  private interface Filter {
    @Nullable Object apply(@Nullable Object value, Arguments arguments, Run run);
  }

  private static final Map<String, Filter> ALL =
      Map.ofEntries(
          Map.entry("tojson", (value, arguments, run) -> JsonText.of(value, arguments, run.budget)),
          Map.entry("trim", (value, arguments, run) -> trim(value, arguments, run)),
          Map.entry("length", (value, arguments, run) -> Values.length(value)),
          Map.entry("count", (value, arguments, run) -> Values.length(value)),
          Map.entry("string", (value, arguments, run) -> Values.text(value, run.budget)),
          // Nothing is escaped, so everything is safe.
          Map.entry("safe", (value, arguments, run) -> value),
          Map.entry("default", (value, arguments, run) -> orDefault(value, arguments)),
          Map.entry("d", (value, arguments, run) -> orDefault(value, arguments)),
          Map.entry("upper", text((text, arguments) -> text.toUpperCase(Locale.ROOT))),
          Map.entry("lower", text((text, arguments) -> text.toLowerCase(Locale.ROOT))),
          Map.entry("capitalize", text((text, arguments) -> StringMethods.capitalized(text))),
          Map.entry("title", text((text, arguments) -> StringMethods.titled(text))),
          Map.entry("replace", (value, arguments, run) -> replace(value, arguments, run)),
          Map.entry("indent", (value, arguments, run) -> indent(value, arguments, run)),
          Map.entry("wordcount", (value, arguments, run) -> words(value, run)),
          Map.entry("int", (value, arguments, run) -> toInteger(value, arguments, run)),
          Map.entry("float", (value, arguments, run) -> toFloat(value, arguments, run)),
          Map.entry("abs", (value, arguments, run) -> absolute(value)),
          Map.entry("round", (value, arguments, run) -> rounded(value, arguments, run)),
          Map.entry("list", (value, arguments, run) -> Values.elements(value, run.budget)),
          Map.entry("first", (value, arguments, run) -> first(Values.elements(value, run.budget))),
          Map.entry(
              "last",
              (value, arguments, run) -> first(Values.elements(value, run.budget).reversed())),
          Map.entry("reverse", (value, arguments, run) -> reversed(value, run)),
          Map.entry("join", (value, arguments, run) -> joined(value, arguments, run)),
          Map.entry("sum", (value, arguments, run) -> Sequences.sum(value, arguments, run)),
          Map.entry("items", (value, arguments, run) -> items(value, run)),
          Map.entry(
              "dictsort", (value, arguments, run) -> Sequences.sortedItems(value, arguments, run)),
          Map.entry("sort", (value, arguments, run) -> Sequences.sorted(value, arguments, run)),
          Map.entry("min", (value, arguments, run) -> Sequences.extreme(value, 1, run)),
          Map.entry("max", (value, arguments, run) -> Sequences.extreme(value, -1, run)),
          Map.entry("unique", (value, arguments, run) -> Sequences.unique(value, run)),
          Map.entry("map", (value, arguments, run) -> Sequences.mapped(value, arguments, run)),
          Map.entry(
              "select",
              (value, arguments, run) -> Sequences.chosen(value, arguments, run, false, true)),
          Map.entry(
              "reject",
              (value, arguments, run) -> Sequences.chosen(value, arguments, run, false, false)),
          Map.entry(
              "selectattr",
              (value, arguments, run) -> Sequences.chosen(value, arguments, run, true, true)),
          Map.entry(
              "rejectattr",
              (value, arguments, run) -> Sequences.chosen(value, arguments, run, true, false)));

  private Filters() {}

  static boolean exists(String name) {
    return ALL.containsKey(name);
  }

  static @Nullable Object apply(String name, @Nullable Object value, Arguments arguments, Run run) {
    Filter filter = ALL.get(name);
    if (filter == null) {
      throw TemplateException.value("there is no filter " + name);
    }
    run.budget.enter();
    run.budget.once(value);
    Object result = filter.apply(value, arguments, run);
    run.budget.leave();
    return result;
  }

  private interface TextFilter {
    String apply(String text, Arguments arguments);
  }

  private static Filter text(TextFilter filter) {
    return (value, arguments, run) -> {
      String text = Values.text(value, run.budget);
      run.budget.characters(text.length());
      return filter.apply(text, arguments);
    };
  }

  private static String trim(@Nullable Object value, Arguments arguments, Run run) {
    return StringMethods.strip(Values.text(value, run.budget), arguments, true, true, run.budget);
  }

  private static @Nullable Object orDefault(@Nullable Object value, Arguments arguments) {
    boolean replaced =
        value instanceof Undefined
            || (Values.isTrue(arguments.get(1, "boolean", false)) && !Values.isTrue(value));
    return replaced ? arguments.get(0, "default_value", "") : value;
  }

  private static String replace(@Nullable Object value, Arguments arguments, Run run) {
    return StringMethods.replace(
        Values.text(value, run.budget),
        Values.text(arguments.get(0, "old", null), run.budget),
        Values.text(arguments.get(1, "new", null), run.budget),
        arguments.get(2, "count", null) == null ? -1 : arguments.integer(2, "count", -1),
        run.budget);
  }

  private static String indent(@Nullable Object value, Arguments arguments, Run run) {
    Object width = arguments.get(0, "width", 4L);
    String margin =
        width instanceof String given
            ? given
            : " ".repeat(Math.clamp(Values.toLong(width), 0, 1000));
    boolean first = Values.isTrue(arguments.get(1, "first", false));
    boolean blank = Values.isTrue(arguments.get(2, "blank", false));
    StringBuilder text = new StringBuilder();
    String[] lines = Values.text(value, run.budget).split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      run.budget.grow(text.length(), lines[i].length() + margin.length() + 1);
      boolean indented = i == 0 ? first : blank || !lines[i].isEmpty();
      text.append(i == 0 ? "" : "\n").append(indented ? margin : "").append(lines[i]);
    }
    return text.toString();
  }

  private static long words(@Nullable Object value, Run run) {
    return StringMethods.split(Values.text(value, run.budget), null, -1, false, run.budget).size();
  }

  private static @Nullable Object toInteger(@Nullable Object value, Arguments arguments, Run run) {
    try {
      return switch (value) {
        case String text -> Long.valueOf(text.strip());
        case Double number -> (long) (double) number;
        case null, default -> Values.toLong(value);
      };
    } catch (NumberFormatException | TemplateException e) {
      run.budget.spend(Budget.FAULT_UNITS);
      return arguments.get(0, "default", 0L);
    }
  }

  private static @Nullable Object toFloat(@Nullable Object value, Arguments arguments, Run run) {
    try {
      return value instanceof String text ? Double.valueOf(text.strip()) : Values.toDouble(value);
    } catch (NumberFormatException | TemplateException e) {
      run.budget.spend(Budget.FAULT_UNITS);
      return arguments.get(0, "default", 0.0);
    }
  }

  private static Object absolute(@Nullable Object value) {
    return value instanceof Double number
        ? Math.abs(number)
        : (Object) Math.abs(Values.toLong(value));
  }

  private static Object rounded(@Nullable Object value, Arguments arguments, Run run) {
    run.budget.spend(Budget.DECIMAL_UNITS);
    int digits = Math.clamp(arguments.integer(0, "precision", 0), -15, 15);
    java.math.RoundingMode mode =
        switch (String.valueOf(arguments.get(1, "method", "common"))) {
          case "ceil" -> java.math.RoundingMode.CEILING;
          case "floor" -> java.math.RoundingMode.FLOOR;
          default -> java.math.RoundingMode.HALF_EVEN;
        };
    double number = Values.toDouble(value);
    return Double.isFinite(number)
        ? new java.math.BigDecimal(number).setScale(digits, mode).doubleValue()
        : number;
  }

  private static @Nullable Object first(List<@Nullable Object> items) {
    return items.isEmpty() ? new Undefined("the first element") : items.getFirst();
  }

  private static Object reversed(@Nullable Object value, Run run) {
    List<@Nullable Object> items = Values.elements(value, run.budget).reversed();
    return value instanceof String
        ? StringMethods.join(items, "", run.budget)
        : new ArrayList<>(items);
  }

  private static String joined(@Nullable Object value, Arguments arguments, Run run) {
    List<@Nullable Object> items = Values.elements(value, run.budget);
    Object attribute = arguments.get(1, "attribute", null);
    if (attribute != null) {
      items.replaceAll(item -> Sequences.attribute(item, attribute, run));
    }
    return StringMethods.join(
        items, Values.text(arguments.get(0, "d", ""), run.budget), run.budget);
  }

  private static Object items(@Nullable Object value, Run run) {
    return switch (value) {
      case Map<?, ?> map -> Attributes.items(map, run.budget);
      case Undefined none -> new ArrayList<>();
      case null, default ->
          throw TemplateException.value("items: %s is no mapping".formatted(Values.typeOf(value)));
    };
  }

  /** Strings in any case first by their lower case, as Jinja sorts unless told otherwise. */
  static Comparator<@Nullable Object> order(boolean caseSensitive, Run run) {
    return (a, b) -> Values.compare(folded(a, caseSensitive), folded(b, caseSensitive), run.budget);
  }

  private static @Nullable Object folded(@Nullable Object value, boolean caseSensitive) {
    return value instanceof String text && !caseSensitive ? text.toLowerCase(Locale.ROOT) : value;
  }
}
