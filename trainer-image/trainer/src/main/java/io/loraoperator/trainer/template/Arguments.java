package io.loraoperator.trainer.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arguments of a call. */
record Arguments(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {

  static final Arguments NONE = new Arguments(List.of(), Map.of());

  int size() {
    return positional.size() + named.size();
  }

  boolean has(int place, String name) {
    return place < positional.size() || named.containsKey(name);
  }

  /** An argument by place or name, or a default. */
  @Nullable Object get(int place, String name, @Nullable Object otherwise) {
    if (place < positional.size()) {
      return positional.get(place);
    }
    return named.containsKey(name) ? named.get(name) : otherwise;
  }

  String text(int place, String name) {
    if (get(place, name, null) instanceof String text) {
      return text;
    }
    throw TemplateException.value("%s must be a string".formatted(name));
  }

  @Nullable String textOrNull(int place, String name) {
    return get(place, name, null) == null ? null : text(place, name);
  }

  int integer(int place, String name, int otherwise) {
    Object value = get(place, name, (long) otherwise);
    if (value instanceof Long number && number == number.intValue()) {
      return number.intValue();
    }
    throw TemplateException.value("%s must be an integer".formatted(name));
  }

  /** The same arguments behind one more. */
  Arguments after(@Nullable Object first) {
    List<@Nullable Object> all = new ArrayList<>();
    all.add(first);
    all.addAll(positional);
    return new Arguments(all, named);
  }

  /** Those behind the first ones. */
  Arguments from(int place) {
    return new Arguments(
        positional.subList(Math.min(place, positional.size()), positional.size()), named);
  }
}
