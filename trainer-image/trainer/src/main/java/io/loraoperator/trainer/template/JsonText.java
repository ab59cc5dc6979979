package io.loraoperator.trainer.template;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as Python's {@code json.dumps} writes it, with {@code ensure_ascii} off unless asked for.
 */
final class JsonText {

  private static final HexFormat HEX = HexFormat.of();

  /** A backslash, u and four digits. */
  private static final int ESCAPE_CHARACTERS = 6;

  private final Budget budget;
  private final StringBuilder text = new StringBuilder();
  private final @Nullable String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sorted;
  private final boolean ascii;

  private JsonText(Arguments arguments, Budget budget) {
    this.budget = budget;
    this.ascii = Values.isTrue(arguments.get(0, "ensure_ascii", false));
    Object spaces = arguments.get(1, "indent", null);
    this.indent =
        switch (spaces) {
          case null -> null;
          case String given when given.length() <= 16 -> given;
          case Long n when n <= 16 -> " ".repeat((int) Math.max(0, n));
          default -> throw TemplateException.value("tojson: indent must be at most 16");
        };
    Object separators = arguments.get(2, "separators", null);
    if (separators instanceof List<?> pair
        && pair.size() == 2
        && pair.getFirst() instanceof String item
        && pair.getLast() instanceof String key) {
      this.itemSeparator = item;
      this.keySeparator = key;
    } else {
      this.itemSeparator = indent == null ? ", " : ",";
      this.keySeparator = ": ";
    }
    this.sorted = Values.isTrue(arguments.get(3, "sort_keys", false));
  }

  static String of(@Nullable Object value, Arguments arguments, Budget budget) {
    JsonText json = new JsonText(arguments, budget);
    json.write(value, 0);
    return json.text.toString();
  }

  private void write(@Nullable Object value, int depth) {
    budget.enter();
    switch (value) {
      case null -> text.append("null");
      case Boolean flag -> text.append(flag.booleanValue());
      case Long number -> text.append(number.longValue());
      case Double number -> {
        budget.spend(Budget.DECIMAL_UNITS);
        text.append(number(number));
      }
      case String string -> quote(string);
      case List<?> items -> {
        text.append('[');
        for (int i = 0; i < items.size(); i++) {
          separate(i == 0, depth + 1);
          write(items.get(i), depth + 1);
        }
        close(items.isEmpty(), depth, ']');
      }
      case Map<?, ?> map -> {
        text.append('{');
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sorted) {
          entries.sort((a, b) -> Values.compare(a.getKey(), b.getKey(), budget));
        }
        boolean first = true;
        for (Map.Entry<?, ?> entry : entries) {
          separate(first, depth + 1);
          first = false;
          quote(entry.getKey() instanceof String key ? key : keyText(entry.getKey()));
          append(keySeparator);
          write(entry.getValue(), depth + 1);
        }
        close(map.isEmpty(), depth, '}');
      }
      default ->
          throw TemplateException.value("tojson: %s is no JSON".formatted(Values.typeOf(value)));
    }
    budget.leave();
  }

  private static String number(double value) {
    String number = PythonText.number(value);
    return switch (number) {
      case "nan" -> "NaN";
      case "inf" -> "Infinity";
      case "-inf" -> "-Infinity";
      default -> number;
    };
  }

  private String keyText(@Nullable Object key) {
    return switch (key) {
      case null -> "null";
      case Boolean flag -> flag.toString();
      default -> Values.text(key, budget);
    };
  }

  private void separate(boolean first, int depth) {
    if (!first) {
      append(itemSeparator);
    }
    newLine(depth);
  }

  private void append(String separator) {
    budget.grow(text.length(), separator.length());
    text.append(separator);
  }

  private void close(boolean empty, int depth, char bracket) {
    if (!empty) {
      newLine(depth);
    }
    text.append(bracket);
  }

  private void newLine(int depth) {
    if (indent != null) {
      budget.grow(text.length(), 1 + depth * indent.length());
      text.append('\n').repeat(indent, depth);
    }
  }

  private void quote(String string) {
    budget.grow(text.length(), 2 + string.length() * (ascii ? ESCAPE_CHARACTERS : 1));
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        case '\b' -> text.append("\\b");
        case '\f' -> text.append("\\f");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            text.append("\\u").append(HEX.toHexDigits(c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }
}
