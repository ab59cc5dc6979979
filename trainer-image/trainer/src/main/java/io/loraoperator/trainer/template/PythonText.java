package io.loraoperator.trainer.template;

import java.math.BigDecimal;

/** Text as Python reads and writes it. */
final class PythonText {

  private PythonText() {}

  /** {@code str.isspace} for one UTF-16 unit. */
  static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  static String stripStart(String text) {
    int start = 0;
    while (start < text.length() && isSpace(text.charAt(start))) {
      start++;
    }
    return text.substring(start);
  }

  static String stripEnd(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  /** Strips the characters of a set, or whitespace if there is none. */
  static String strip(
      String text, @org.jspecify.annotations.Nullable String set, boolean start, boolean end) {
    int from = 0;
    int to = text.length();
    while (start && from < to && isStripped(text.charAt(from), set)) {
      from++;
    }
    while (end && to > from && isStripped(text.charAt(to - 1), set)) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean isStripped(char c, @org.jspecify.annotations.Nullable String set) {
    return set == null ? isSpace(c) : set.indexOf(c) >= 0;
  }

  /** The text of a string literal; an unknown escape stays as it is. */
  static String unescape(String literal) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder text = new StringBuilder();
    int i = 0;
    while (i < literal.length()) {
      char c = literal.charAt(i++);
      if (c != '\\' || i == literal.length()) {
        text.append(c);
        continue;
      }
      char escape = literal.charAt(i++);
      int simple = "ntrbfav0\\'\"\n".indexOf(escape);
      int digits = escape == 'x' ? 2 : escape == 'u' ? 4 : escape == 'U' ? 8 : 0;
      if (simple >= 0) {
        text.append("\n\t\r\b\f\u0007\u000B\0\\'\"".substring(simple, Math.min(simple + 1, 11)));
      } else if (digits > 0 && isHex(literal, i, digits)) {
        text.appendCodePoint(Integer.parseInt(literal, i, i + digits, 16));
        i += digits;
      } else {
        text.append('\\').append(escape);
      }
    }
    return text.toString();
  }

  private static boolean isHex(String text, int from, int digits) {
    if (from + digits > text.length()) {
      return false;
    }
    long value = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0) {
        return false;
      }
      value = value * 16 + digit;
    }
    return value <= Character.MAX_CODE_POINT;
  }

  /** {@code repr} of a float: the shortest digits that give it back. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = decimal.precision() - decimal.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = decimal.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = decimal.unscaledValue().abs().toString();
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  /** {@code repr} of a string. */
  static String quoted(String text) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    StringBuilder quoted = new StringBuilder().append(quote);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (c == quote) {
            quoted.append('\\').append(c);
          } else if (c < ' ' || (c >= 0x7F && c < 0xA1) || c == 0xAD) {
            quoted.append("\\x%02x".formatted((int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append(quote).toString();
  }
}
