package io.loraoperator.trainer.template;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values as Python sees them: null, Boolean, Long, Double, String, List, Map, {@link Undefined},
 * {@link Namespace} and {@link Callable}.
 */
final class Values {

  private Values() {}

  /** Data as a template may see it; what is no JSON value is refused. */
  static @Nullable Object of(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case String text -> text;
      case Boolean flag -> flag;
      case Integer number -> (long) number;
      case Long number -> number;
      case Float number -> (double) number;
      case Number number -> number.doubleValue();
      case Map<?, ?> map -> {
        Map<@Nullable Object, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((key, item) -> copy.put(of(key), of(item)));
        yield copy;
      }
      case Collection<?> items -> {
        List<@Nullable Object> copy = new ArrayList<>(items.size());
        items.forEach(item -> copy.add(of(item)));
        yield copy;
      }
      default -> throw new IllegalArgumentException("no template value: " + value.getClass());
    };
  }

  static boolean isTrue(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Boolean flag -> flag;
      case Long number -> number != 0;
      case Double number -> number != 0;
      case String text -> !text.isEmpty();
      case Collection<?> items -> !items.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      case Undefined none -> false;
      default -> true;
    };
  }

  /** {@code str(value)}. */
  static String text(@Nullable Object value, Budget budget) {
    if (value instanceof String text) {
      return text;
    }
    StringBuilder text = new StringBuilder();
    if (!(value instanceof Undefined)) {
      write(value, text, budget);
    }
    return text.toString();
  }

  private static void write(@Nullable Object value, StringBuilder to, Budget budget) {
    budget.enter();
    switch (value) {
      case null -> to.append("None");
      case Long number -> to.append(number.longValue());
      case Boolean flag -> to.append(flag ? "True" : "False");
      case Double number -> {
        budget.spend(Budget.DECIMAL_UNITS);
        to.append(PythonText.number(number));
      }
      case String text -> {
        budget.grow(to.length(), text.length());
        to.append(PythonText.quoted(text));
      }
      case List<?> items -> {
        boolean tuple = items instanceof Tuple;
        to.append(tuple ? '(' : '[');
        writeAll(items.iterator(), to, budget);
        to.append(tuple && items.size() == 1 ? "," : "").append(tuple ? ')' : ']');
      }
      case Map<?, ?> map -> {
        to.append('{');
        boolean first = true;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          to.append(first ? "" : ", ");
          first = false;
          write(entry.getKey(), to, budget);
          to.append(": ");
          write(entry.getValue(), to, budget);
        }
        to.append('}');
      }
      case Undefined none -> to.append("Undefined");
      case Callable callable -> to.append("<function>");
      default -> to.append("<object>");
    }
    budget.leave();
  }

  private static void writeAll(Iterator<?> items, StringBuilder to, Budget budget) {
    while (items.hasNext()) {
      write(items.next(), to, budget);
      to.append(items.hasNext() ? ", " : "");
    }
  }

  @SuppressWarnings("ReferenceEquality") // as in Python, what is the same is equal
  static boolean areEqual(@Nullable Object a, @Nullable Object b, Budget budget) {
    budget.spend(1);
    if (a == b) {
      return true;
    }
    if (isNumber(a) && isNumber(b)) {
      return (a instanceof Double || b instanceof Double)
          ? toDouble(a) == toDouble(b)
          : toLong(a) == toLong(b);
    }
    return switch (a) {
      case String text when b instanceof String other -> {
        budget.characters(Math.min(text.length(), other.length()));
        yield text.equals(other);
      }
      case List<?> items when b instanceof List<?> others -> {
        budget.enter();
        boolean equal =
            items.size() == others.size() && items instanceof Tuple == others instanceof Tuple;
        for (int i = 0; equal && i < items.size(); i++) {
          equal = areEqual(items.get(i), others.get(i), budget);
        }
        budget.leave();
        yield equal;
      }
      case Map<?, ?> map when b instanceof Map<?, ?> other -> {
        budget.enter();
        boolean equal = map.size() == other.size();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          budget.once(entry.getKey());
          equal =
              equal
                  && other.containsKey(entry.getKey())
                  && areEqual(entry.getValue(), other.get(entry.getKey()), budget);
        }
        budget.leave();
        yield equal;
      }
      case Undefined none -> b instanceof Undefined;
      case null, default -> false;
    };
  }

  /** The order of numbers, of strings and of lists. */
  static int compare(@Nullable Object a, @Nullable Object b, Budget budget) {
    budget.enter();
    int order;
    if (isNumber(a) && isNumber(b)) {
      order =
          a instanceof Double || b instanceof Double
              ? Double.compare(toDouble(a), toDouble(b))
              : Long.compare(toLong(a), toLong(b));
    } else if (a instanceof String text && b instanceof String other) {
      budget.characters(Math.min(text.length(), other.length()));
      order = text.compareTo(other);
    } else if (a instanceof List<?> items && b instanceof List<?> others) {
      order = 0;
      for (int i = 0; order == 0 && i < Math.min(items.size(), others.size()); i++) {
        order = compare(items.get(i), others.get(i), budget);
      }
      order = order == 0 ? Integer.compare(items.size(), others.size()) : order;
    } else {
      throw TemplateException.value("%s and %s cannot be compared".formatted(typeOf(a), typeOf(b)));
    }
    budget.leave();
    return order;
  }

  /** What {@code for} visits: the elements, the keys or the characters. */
  static List<@Nullable Object> elements(@Nullable Object value, Budget budget) {
    if (value instanceof String text) {
      budget.spend(text.length());
      List<@Nullable Object> characters = new ArrayList<>();
      text.codePoints().forEach(point -> characters.add(Character.toString(point)));
      return characters;
    }
    Collection<?> items =
        switch (value) {
          case List<?> list -> list;
          case Map<?, ?> map -> map.keySet();
          case Undefined none -> List.of();
          case null, default ->
              throw TemplateException.value("%s cannot be iterated over".formatted(typeOf(value)));
        };
    budget.spend(items.size());
    return new ArrayList<>(items);
  }

  static long length(@Nullable Object value) {
    return switch (value) {
      case String text -> text.codePointCount(0, text.length());
      case Collection<?> items -> items.size();
      case Map<?, ?> map -> map.size();
      case Undefined none -> 0;
      case null, default -> throw TemplateException.value(typeOf(value) + " has no length");
    };
  }

  static boolean contains(@Nullable Object container, @Nullable Object item, Budget budget) {
    if (container instanceof String text && item instanceof String part) {
      budget.search(text, part);
      return text.contains(part);
    }
    budget.once(item);
    return switch (container) {
      case Map<?, ?> map -> map.containsKey(Attributes.key(item));
      case List<?> items -> items.stream().anyMatch(other -> areEqual(other, item, budget));
      case Undefined none -> false;
      case null, default ->
          throw TemplateException.value(
              "%s cannot be in %s".formatted(typeOf(item), typeOf(container)));
    };
  }

  static boolean isNumber(@Nullable Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  static double toDouble(@Nullable Object value) {
    return value instanceof Double number ? number : toLong(value);
  }

  static long toLong(@Nullable Object value) {
    return switch (value) {
      case Long number -> number;
      case Boolean flag -> flag ? 1 : 0;
      case Undefined none -> throw none.used();
      case null, default -> throw TemplateException.value(typeOf(value) + " is no integer");
    };
  }

  /** How messages call a value's type. */
  static String typeOf(@Nullable Object value) {
    return switch (value) {
      case null -> "None";
      case Boolean flag -> "a boolean";
      case Long number -> "an integer";
      case Double number -> "a float";
      case String text -> "a string";
      case List<?> items -> "a list";
      case Map<?, ?> map -> "a mapping";
      case Undefined none -> none.what() + ", which is undefined,";
      default -> "an object";
    };
  }
}
