package io.loraoperator.trainer.template;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions that every template knows. */
final class Globals {

  /**
   * What {@code strftime_now} tells: always the same moment, for a run's texts must not depend on
   * the day on which an attempt of it starts. It is the date that Llama 3.1's template falls back
   * on.
   */
  static final LocalDateTime NOW = LocalDateTime.of(2024, 7, 26, 0, 0);

  private static final int LONGEST_RANGE = 100_000;

  static final Map<String, Callable> ALL =
      Map.of(
          "range", Globals::range,
          "dict", Globals::dict,
          "namespace", (arguments, run) -> new Namespace((Map<?, ?>) dict(arguments, run)),
          "raise_exception", Globals::raise,
          "strftime_now", (arguments, run) -> time(arguments.text(0, "format"), run));

  private Globals() {}

  private static Object range(Arguments arguments, Run run) {
    List<@Nullable Object> given = arguments.positional();
    if (given.isEmpty() || given.size() > 3) {
      throw TemplateException.value("range takes 1 to 3 numbers");
    }
    long from = given.size() == 1 ? 0 : Values.toLong(given.getFirst());
    long to = Values.toLong(given.get(given.size() == 1 ? 0 : 1));
    long step = given.size() == 3 ? Values.toLong(given.get(2)) : 1;
    if (step == 0) {
      throw TemplateException.value("range: the step must not be 0");
    }
    List<@Nullable Object> numbers = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i = Math.addExact(i, step)) {
      if (numbers.size() == LONGEST_RANGE) {
        throw TemplateException.limit("uses a range of more than %,d".formatted(LONGEST_RANGE));
      }
      run.budget.spend(1);
      numbers.add(i);
    }
    return numbers;
  }

  private static Object dict(Arguments arguments, Run run) {
    Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
    if (!arguments.positional().isEmpty()) {
      Object initial = arguments.positional().getFirst();
      if (initial instanceof Map<?, ?> given) {
        run.budget.spend(given.size());
        map.putAll(given);
      } else {
        for (Object pair : Values.elements(initial, run.budget)) {
          if (!(pair instanceof List<?> items) || items.size() != 2) {
            throw TemplateException.value("dict takes a mapping or pairs");
          }
          run.budget.once(items.getFirst());
          map.put(Attributes.key(items.getFirst()), items.getLast());
        }
      }
    }
    map.putAll(arguments.named());
    return map;
  }

  private static Object raise(Arguments arguments, Run run) {
    throw new TemplateException(
        TemplateException.Kind.REFUSED,
        0,
        Values.text(arguments.get(0, "message", ""), run.budget));
  }

  private static String time(String format, Run run) {
    run.budget.spend((long) format.length() * Budget.DECIMAL_UNITS);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        text.append(c);
        continue;
      }
      char field = format.charAt(++i);
      text.append(
          switch (field) {
            case 'Y' -> String.valueOf(NOW.getYear());
            case 'y' -> "%02d".formatted(NOW.getYear() % 100);
            case 'm' -> "%02d".formatted(NOW.getMonthValue());
            case 'd' -> "%02d".formatted(NOW.getDayOfMonth());
            case 'e' -> "%2d".formatted(NOW.getDayOfMonth());
            case 'B' -> NOW.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b' -> NOW.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'A' -> NOW.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' -> NOW.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'j' -> "%03d".formatted(NOW.getDayOfYear());
            case 'H' -> "%02d".formatted(NOW.getHour());
            case 'M' -> "%02d".formatted(NOW.getMinute());
            case 'S' -> "%02d".formatted(NOW.getSecond());
            case '%' -> "%";
            default -> throw TemplateException.value("strftime_now: unknown field %" + field);
          });
    }
    return text.toString();
  }
}
