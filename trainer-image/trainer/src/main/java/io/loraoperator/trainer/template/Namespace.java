package io.loraoperator.trainer.template;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jinja's {@code namespace}: fields that may be set from within loops. */
final class Namespace {

  private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

  Namespace(Map<?, ?> initial) {
    initial.forEach((name, value) -> set(String.valueOf(name), value));
  }

  @Nullable Object get(String name) {
    return fields.containsKey(name)
        ? fields.get(name)
        : new Undefined("the namespace's field " + name);
  }

  void set(String name, @Nullable Object value) {
    if (name.startsWith("_")) {
      throw TemplateException.value("a namespace has no field " + name);
    }
    fields.put(name, value);
  }
}
