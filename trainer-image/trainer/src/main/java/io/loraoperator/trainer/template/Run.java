package io.loraoperator.trainer.template;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One rendering: its budget, its output and what is noted about the output's parts. */
final class Run {

  final Budget budget = new Budget();
  private final StringBuilder document = new StringBuilder();
  private StringBuilder output = document;
  private final IdentityHashMap<Object, Integer> watched = new IdentityHashMap<>();
  private final List<Rendered.Part> items = new ArrayList<>();
  private final List<Rendered.Part> generated = new ArrayList<>();
  private boolean insideItem;

  /** Notes the output of each loop iteration over one of these objects. */
  void watch(List<?> objects) {
    for (int i = 0; i < objects.size(); i++) {
      watched.put(objects.get(i), i);
    }
  }

  void write(String text) {
    budget.grow(output.length(), text.length());
    output.append(text);
  }

  /** Runs an iteration over a value, and notes what it writes if the value is watched. */
  <T> T iteration(@Nullable Object value, Supplier<T> body) {
    Integer index = value == null ? null : watched.get(value);
    if (index == null || insideItem || output != document) {
      return body.get();
    }
    insideItem = true;
    int start = document.length();
    T result = body.get();
    insideItem = false;
    if (document.length() > start) {
      items.add(new Rendered.Part(index, start, document.length()));
    }
    return result;
  }

  /** Runs the body of a {@code generation} block. */
  <T> T generation(Supplier<T> body) {
    if (output != document) {
      throw TemplateException.value("a generation block must not be in a macro or in a set block");
    }
    int start = document.length();
    T result = body.get();
    generated.add(new Rendered.Part(generated.size(), start, document.length()));
    return result;
  }

  /** What is written meanwhile, instead of writing it. */
  String captured(Runnable body) {
    budget.spend(Budget.SCOPE_UNITS);
    StringBuilder outer = output;
    StringBuilder inner = new StringBuilder();
    output = inner;
    try {
      body.run();
    } finally {
      output = outer;
    }
    return inner.toString();
  }

  Rendered finish() {
    return new Rendered(document.toString(), items, generated);
  }
}
