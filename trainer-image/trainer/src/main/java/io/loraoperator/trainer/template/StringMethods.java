package io.loraoperator.trainer.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The methods of Python's {@code str} that templates use. */
final class StringMethods {

  private StringMethods() {}

  /** A string's method, or null if there is none of that name. */
  static @Nullable Callable of(String text, String name) {
    Callable method = find(text, name);
    return method == null
        ? null
        : (arguments, run) -> {
          run.budget.characters(text.length());
          return method.call(arguments, run);
        };
  }

  private static @Nullable Callable find(String text, String name) {
    return switch (name) {
      case "strip", "lstrip", "rstrip" ->
          (arguments, run) ->
              strip(text, arguments, !name.equals("rstrip"), !name.equals("lstrip"), run.budget);
      case "split", "rsplit" ->
          (arguments, run) ->
              split(
                  text,
                  arguments.textOrNull(0, "sep"),
                  arguments.integer(1, "maxsplit", -1),
                  name.equals("rsplit"),
                  run.budget);
      case "splitlines" -> (arguments, run) -> lines(text, run.budget);
      case "partition", "rpartition" ->
          (arguments, run) ->
              partition(text, arguments.text(0, "sep"), name.equals("rpartition"), run.budget);
      case "startswith" -> (arguments, run) -> any(arguments, text::startsWith, run.budget);
      case "endswith" -> (arguments, run) -> any(arguments, text::endsWith, run.budget);
      case "removeprefix" ->
          (arguments, run) -> {
            String prefix = arguments.text(0, "prefix");
            return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
          };
      case "removesuffix" ->
          (arguments, run) -> {
            String suffix = arguments.text(0, "suffix");
            return text.endsWith(suffix)
                ? text.substring(0, text.length() - suffix.length())
                : text;
          };
      case "replace" ->
          (arguments, run) ->
              replace(
                  text,
                  arguments.text(0, "old"),
                  arguments.text(1, "new"),
                  arguments.integer(2, "count", -1),
                  run.budget);
      case "find", "index", "rfind", "rindex" ->
          (arguments, run) -> find(text, arguments.text(0, "sub"), name, run.budget);
      case "count" ->
          (arguments, run) ->
              (long) split(text, arguments.text(0, "sub"), -1, false, run.budget).size() - 1;
      case "join" ->
          (arguments, run) ->
              join(
                  Values.elements(arguments.get(0, "iterable", null), run.budget),
                  text,
                  run.budget);
      case "upper" -> (arguments, run) -> text.toUpperCase(Locale.ROOT);
      case "lower", "casefold" -> (arguments, run) -> text.toLowerCase(Locale.ROOT);
      case "capitalize" -> (arguments, run) -> capitalized(text);
      case "title" -> (arguments, run) -> titled(text);
      case "isspace" -> (arguments, run) -> all(text, Character::isWhitespace);
      case "isdigit", "isdecimal", "isnumeric" -> (arguments, run) -> all(text, Character::isDigit);
      case "isalpha" -> (arguments, run) -> all(text, Character::isLetter);
      case "isalnum" -> (arguments, run) -> all(text, Character::isLetterOrDigit);
      case "isupper" ->
          (arguments, run) ->
              text.equals(text.toUpperCase(Locale.ROOT))
                  && !text.equals(text.toLowerCase(Locale.ROOT));
      case "islower" ->
          (arguments, run) ->
              text.equals(text.toLowerCase(Locale.ROOT))
                  && !text.equals(text.toUpperCase(Locale.ROOT));
      default -> null;
    };
  }

  private static boolean all(String text, Predicate<Integer> test) {
    return !text.isEmpty() && text.codePoints().allMatch(test::test);
  }

  /** Strips whitespace, or any characters of a set. */
  static String strip(String text, Arguments arguments, boolean start, boolean end, Budget budget) {
    String set = arguments.textOrNull(0, "chars");
    budget.search(text, set == null ? "" : set);
    return PythonText.strip(text, set, start, end);
  }

  private static boolean any(Arguments arguments, Predicate<String> test, Budget budget) {
    if (arguments.get(0, "prefix", null) instanceof List<?> candidates) {
      return candidates.stream()
          .anyMatch(item -> {
            budget.spend(1);
            budget.once(item);
            return item instanceof String part && test.test(part);
          });
    }
    return test.test(arguments.text(0, "prefix"));
  }

  static List<@Nullable Object> split(
      String text, @Nullable String separator, int limit, boolean fromEnd, Budget budget) {
    if (separator != null && separator.isEmpty()) {
      throw TemplateException.value("split: the separator is empty");
    }
    budget.search(text, separator == null ? "" : separator);
    List<@Nullable Object> parts = new ArrayList<>();
    if (fromEnd) {
      String rest = separator == null ? PythonText.stripEnd(text) : text;
      int at = separator == null ? lastSpace(rest) : rest.lastIndexOf(separator);
      while (at >= 0 && (limit < 0 || parts.size() < limit)) {
        parts.addFirst(rest.substring(at + (separator == null ? 1 : separator.length())));
        rest = rest.substring(0, at);
        rest = separator == null ? PythonText.stripEnd(rest) : rest;
        budget.search(rest, separator == null ? "" : separator);
        at = separator == null ? lastSpace(rest) : rest.lastIndexOf(separator);
      }
      if (separator != null || !rest.isEmpty()) {
        parts.addFirst(rest);
      }
      return parts;
    }
    int from = separator == null ? spaceEnd(text, 0) : 0;
    int at = separator == null ? nextSpace(text, from) : text.indexOf(separator, from);
    while (at >= 0 && (limit < 0 || parts.size() < limit)) {
      budget.spend(1);
      parts.add(text.substring(from, at));
      from = separator == null ? spaceEnd(text, at) : at + separator.length();
      at = separator == null ? nextSpace(text, from) : text.indexOf(separator, from);
    }
    String rest = text.substring(from);
    if (separator != null || !rest.isEmpty()) {
      parts.add(rest);
    }
    return parts;
  }

  private static int nextSpace(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (PythonText.isSpace(text.charAt(i))) {
        return i;
      }
    }
    return -1;
  }

  private static int lastSpace(String text) {
    for (int i = text.length() - 1; i >= 0; i--) {
      if (PythonText.isSpace(text.charAt(i))) {
        return i;
      }
    }
    return -1;
  }

  private static int spaceEnd(String text, int from) {
    int i = from;
    while (i < text.length() && PythonText.isSpace(text.charAt(i))) {
      i++;
    }
    return i;
  }

  private static List<@Nullable Object> lines(String text, Budget budget) {
    List<@Nullable Object> lines = new ArrayList<>();
    text.lines()
        .forEach(line -> {
          budget.spend(1);
          lines.add(line);
        });
    return lines;
  }

  private static Tuple partition(String text, String separator, boolean last, Budget budget) {
    budget.search(text, separator);
    int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) {
      return new Tuple(last ? List.of("", "", text) : List.of(text, "", ""));
    }
    return new Tuple(
        List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
  }

  static String replace(String text, String old, String by, int count, Budget budget) {
    budget.search(text, old);
    StringBuilder result = new StringBuilder();
    int from = 0;
    int at = text.indexOf(old);
    for (int n = 0; at >= 0 && (count < 0 || n < count); n++) {
      budget.grow(result.length(), at - from + by.length());
      result.append(text, from, at).append(by);
      from = at + old.length();
      if (old.isEmpty()) {
        if (at == text.length()) {
          return result.toString();
        }
        result.append(text.charAt(at));
        from = at + 1;
      }
      at = text.indexOf(old, from);
    }
    return result.append(text, from, text.length()).toString();
  }

  private static long find(String text, String part, String name, Budget budget) {
    budget.search(text, part);
    int at = name.startsWith("r") ? text.lastIndexOf(part) : text.indexOf(part);
    if (at < 0 && name.endsWith("index")) {
      throw TemplateException.value("index: the string has no such part");
    }
    return at < 0 ? -1 : text.codePointCount(0, at);
  }

  static String join(List<? extends @Nullable Object> items, String separator, Budget budget) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < items.size(); i++) {
      String next = Values.text(items.get(i), budget);
      budget.grow(text.length(), next.length() + separator.length());
      text.append(i == 0 ? "" : separator).append(next);
    }
    return text.toString();
  }

  static String capitalized(String text) {
    int first = text.isEmpty() ? 0 : text.offsetByCodePoints(0, 1);
    return text.substring(0, first).toUpperCase(Locale.ROOT)
        + text.substring(first).toLowerCase(Locale.ROOT);
  }

  static String titled(String text) {
    StringBuilder titled = new StringBuilder();
    boolean inWord = false;
    for (int point : text.codePoints().toArray()) {
      titled.appendCodePoint(inWord ? Character.toLowerCase(point) : Character.toTitleCase(point));
      inWord = Character.isLetter(point);
    }
    return titled.toString();
  }
}
