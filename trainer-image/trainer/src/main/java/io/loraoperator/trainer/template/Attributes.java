package io.loraoperator.trainer.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code x.name} and {@code x[index]} give: fields, elements and the known methods. */
final class Attributes {

  private Attributes() {}

  /** A method if there is one of that name, else the field, else undefined. */
  static @Nullable Object attribute(@Nullable Object target, String name) {
    if (target instanceof Undefined none) {
      throw none.used();
    }
    Callable method = method(target, name);
    if (method != null) {
      return method;
    }
    return switch (target) {
      case Map<?, ?> map when map.containsKey(name) -> map.get(name);
      case Namespace namespace -> namespace.get(name);
      case LoopState loop -> loop.get(name);
      case null, default -> missing(target, name);
    };
  }

  /** The field or element, else a method, else undefined. */
  static @Nullable Object item(@Nullable Object target, @Nullable Object index, Budget budget) {
    if (target instanceof Undefined none) {
      throw none.used();
    }
    if (target instanceof Map<?, ?> map
        && !(index instanceof Undefined)
        && contains(map, index, budget)) {
      return map.get(index);
    }
    if (target instanceof List<?> items && index instanceof Long number) {
      long place = number < 0 ? number + items.size() : number;
      return place >= 0 && place < items.size()
          ? items.get((int) place)
          : new Undefined("element " + number);
    }
    if (target instanceof String text && index instanceof Long number) {
      budget.characters(text.length());
      int points = text.codePointCount(0, text.length());
      long place = number < 0 ? number + points : number;
      return place >= 0 && place < points
          ? Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) place)))
          : new Undefined("character " + number);
    }
    return index instanceof String name ? attribute(target, name) : missing(target, index);
  }

  private static boolean contains(Map<?, ?> map, @Nullable Object index, Budget budget) {
    budget.once(index);
    return map.containsKey(key(index));
  }

  /** A value that may be a key. */
  static @Nullable Object key(@Nullable Object value) {
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double) {
      return value;
    }
    throw TemplateException.value(Values.typeOf(value) + " cannot be a key");
  }

  private static Undefined missing(@Nullable Object target, @Nullable Object name) {
    return new Undefined("'%s' of %s".formatted(name, Values.typeOf(target)));
  }

  private static @Nullable Callable method(@Nullable Object target, String name) {
    return switch (target) {
      case String text -> StringMethods.of(text, name);
      case Map<?, ?> map -> mapMethod(map, name);
      case List<?> items -> listMethod(items, name);
      case null, default -> null;
    };
  }

  private static @Nullable Callable mapMethod(Map<?, ?> map, String name) {
    return switch (name) {
      case "get" ->
          (arguments, run) -> {
            Object key = arguments.get(0, "key", null);
            return contains(map, key, run.budget)
                ? map.get(key)
                : arguments.get(1, "default", null);
          };
      case "items" -> (arguments, run) -> items(map, run.budget);
      case "keys" ->
          (arguments, run) -> {
            run.budget.spend(map.size());
            return new ArrayList<>(map.keySet());
          };
      case "values" ->
          (arguments, run) -> {
            run.budget.spend(map.size());
            return new ArrayList<>(map.values());
          };
      default -> null;
    };
  }

  /** Pairs of keys and values. */
  static List<@Nullable Object> items(Map<?, ?> map, Budget budget) {
    budget.spend(map.size());
    List<@Nullable Object> pairs = new ArrayList<>(map.size());
    map.forEach((key, value) -> {
      pairs.add(new Tuple(Arrays.asList(key, value)));
    });
    return pairs;
  }

  private static @Nullable Callable listMethod(List<?> items, String name) {
    return switch (name) {
      case "index" ->
          (arguments, run) -> {
            for (int i = 0; i < items.size(); i++) {
              if (Values.areEqual(items.get(i), arguments.get(0, "value", null), run.budget)) {
                return (long) i;
              }
            }
            throw TemplateException.value("index: the list has no such element");
          };
      case "count" ->
          (arguments, run) ->
              items.stream()
                  .filter(
                      item -> Values.areEqual(item, arguments.get(0, "value", null), run.budget))
                  .count();
      default -> null;
    };
  }
}
