package io.loraoperator.model.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Typed access to a model's configuration; what is wrong is said with the field's name. */
record ConfigFields(Map<?, ?> values) {

  String text(String name) {
    if (values.get(name) instanceof String s) {
      return s;
    }
    throw wrong(name, "a text");
  }

  String text(String name, String absent) {
    return values.get(name) == null ? absent : text(name);
  }

  int positive(String name) {
    if (values.get(name) instanceof Number n
        && n.doubleValue() == n.intValue()
        && n.intValue() > 0) {
      return n.intValue();
    }
    throw wrong(name, "a positive integer");
  }

  int positive(String name, int absent) {
    return values.get(name) == null ? absent : positive(name);
  }

  /** A number of things, 0 among them. */
  int count(String name, int absent) {
    return Integer.valueOf(0).equals(values.get(name)) ? 0 : positive(name, absent);
  }

  double number(String name) {
    if (values.get(name) instanceof Number n && Double.isFinite(n.doubleValue())) {
      return n.doubleValue();
    }
    throw wrong(name, "a number");
  }

  double number(String name, double absent) {
    return values.get(name) == null ? absent : number(name);
  }

  /** A soft cap, which null turns off where the field is there; 0 for none. */
  double cap(String name, double absent) {
    double cap = values.containsKey(name) ? number(name, 0) : absent;
    if (cap < 0) {
      throw wrong(name, "a positive number or null");
    }
    return cap;
  }

  boolean flag(String name, boolean absent) {
    Object value = values.get(name);
    if (value == null) {
      return absent;
    }
    if (value instanceof Boolean b) {
      return b;
    }
    throw wrong(name, "true or false");
  }

  /** A list of so many numbers. */
  List<Double> numbers(String name, int count) {
    List<Double> numbers = new ArrayList<>();
    for (Object value : list(name, count, "numbers")) {
      if (!(value instanceof Number n) || !Double.isFinite(n.doubleValue())) {
        throw wrong(name, "a list of " + count + " numbers");
      }
      numbers.add(n.doubleValue());
    }
    return numbers;
  }

  /** A list of so many texts. */
  List<String> texts(String name, int count) {
    List<String> texts = new ArrayList<>();
    for (Object value : list(name, count, "texts")) {
      if (!(value instanceof String s)) {
        throw wrong(name, "a list of " + count + " texts");
      }
      texts.add(s);
    }
    return texts;
  }

  private List<?> list(String name, int count, String what) {
    if (values.get(name) instanceof List<?> list && list.size() == count) {
      return list;
    }
    throw wrong(name, "a list of " + count + " " + what);
  }

  @Nullable ConfigFields object(String name) {
    Object value = values.get(name);
    if (value == null) {
      return null;
    }
    if (value instanceof Map<?, ?> m) {
      return new ConfigFields(m);
    }
    throw wrong(name, "an object");
  }

  /** Whether the field is there and not null. */
  boolean has(String name) {
    return values.get(name) != null;
  }

  void mustBe(String name, Object only, Object absent) {
    Object value = values.get(name) == null ? absent : values.get(name);
    if (!only.equals(value)) {
      throw unsupported(name, value, only.toString());
    }
  }

  UnsupportedModelException unsupported(String name, Object value, String supported) {
    return new UnsupportedModelException(
        "%s %s is not supported yet; supported is %s.".formatted(name, value, supported));
  }

  private UnsupportedModelException wrong(String name, String expected) {
    return new UnsupportedModelException(
        "The model's config needs %s in %s, has %s."
            .formatted(expected, name, values.containsKey(name) ? values.get(name) : "nothing"));
  }
}
