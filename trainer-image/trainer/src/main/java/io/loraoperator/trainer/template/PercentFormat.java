package io.loraoperator.trainer.template;

import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Python's {@code "%s of %d" % values}, with widths of two digits. */
final class PercentFormat {

  private static final Pattern FIELD =
      Pattern.compile("%(?:(%)|([-0]?)(\\d{0,2})(?:\\.(\\d{1,2}))?([sdrf]))?");

  private PercentFormat() {}

  static String format(String format, List<? extends @Nullable Object> values, Budget budget) {
    StringBuilder text = new StringBuilder();
    Iterator<? extends @Nullable Object> next = values.iterator();
    Matcher field = FIELD.matcher(format);
    int from = 0;
    while (field.find()) {
      text.append(format, from, field.start());
      from = field.end();
      if (field.group(1) != null) {
        text.append('%');
      } else if (field.group(5) == null) {
        throw TemplateException.value("unknown format " + format);
      } else {
        String value = padded(field, value(field, take(next, format), budget));
        budget.grow(text.length(), value.length());
        text.append(value);
      }
    }
    if (next.hasNext()) {
      throw TemplateException.value("more values than places in " + format);
    }
    return text.append(format, from, format.length()).toString();
  }

  private static @Nullable Object take(Iterator<? extends @Nullable Object> next, String format) {
    if (!next.hasNext()) {
      throw TemplateException.value("fewer values than places in " + format);
    }
    return next.next();
  }

  private static String value(Matcher field, @Nullable Object value, Budget budget) {
    return switch (field.group(5)) {
      case "d" -> String.valueOf((long) Values.toDouble(value));
      case "f" -> {
        budget.spend(Budget.DECIMAL_UNITS);
        int digits = field.group(4) == null ? 6 : Integer.parseInt(field.group(4));
        yield new java.math.BigDecimal(Values.toDouble(value))
            .setScale(digits, java.math.RoundingMode.HALF_EVEN)
            .toPlainString();
      }
      case "r" ->
          value instanceof String text ? PythonText.quoted(text) : Values.text(value, budget);
      default -> Values.text(value, budget);
    };
  }

  private static String padded(Matcher field, String value) {
    int width = field.group(3).isEmpty() ? 0 : Integer.parseInt(field.group(3));
    String padding =
        (field.group(2).equals("0") ? "0" : " ").repeat(Math.max(0, width - value.length()));
    return field.group(2).equals("-") ? value + padding : padding + value;
  }
}
