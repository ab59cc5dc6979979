package io.loraoperator.trainer.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Filters over lists. */
final class Sequences {

  private Sequences() {}

  /** An attribute by name, by a path of names with dots, or by place. */
  static @Nullable Object attribute(@Nullable Object item, @Nullable Object name, Run run) {
    Object value = item;
    if (name instanceof String path) {
      for (String part : path.split("\\.", -1)) {
        boolean place =
            !part.isEmpty() && part.length() < 10 && part.chars().allMatch(Character::isDigit);
        value = Attributes.item(value, place ? (Object) Long.valueOf(part) : part, run.budget);
      }
      return value;
    }
    return Attributes.item(item, name, run.budget);
  }

  static List<@Nullable Object> mapped(@Nullable Object value, Arguments arguments, Run run) {
    List<@Nullable Object> items = Values.elements(value, run.budget);
    if (arguments.named().containsKey("attribute")) {
      Object name = arguments.named().get("attribute");
      items.replaceAll(item -> {
        Object found = attribute(item, name, run);
        return found instanceof Undefined && arguments.named().containsKey("default")
            ? arguments.named().get("default")
            : found;
      });
      return items;
    }
    String filter = arguments.text(0, "filter");
    Arguments rest = arguments.from(1);
    items.replaceAll(item -> Filters.apply(filter, item, rest, run));
    return items;
  }

  /** {@code select}, {@code reject} and the two that look at an attribute. */
  static List<@Nullable Object> chosen(
      @Nullable Object value, Arguments arguments, Run run, boolean byAttribute, boolean wanted) {
    int test = byAttribute ? 1 : 0;
    List<@Nullable Object> chosen = new ArrayList<>();
    for (Object item : Values.elements(value, run.budget)) {
      Object tested =
          byAttribute ? attribute(item, arguments.get(0, "attribute", null), run) : item;
      boolean holds =
          arguments.positional().size() > test
              ? Tests.holds(arguments.text(test, "test"), tested, arguments.from(test + 1), run)
              : Values.isTrue(tested);
      if (holds == wanted) {
        chosen.add(item);
      }
    }
    return chosen;
  }

  static List<@Nullable Object> sorted(@Nullable Object value, Arguments arguments, Run run) {
    boolean reverse = Values.isTrue(arguments.get(0, "reverse", false));
    boolean caseSensitive = Values.isTrue(arguments.get(1, "case_sensitive", false));
    Object attribute = arguments.get(2, "attribute", null);
    Comparator<@Nullable Object> order = Filters.order(caseSensitive, run);
    Comparator<@Nullable Object> byItem =
        attribute == null
            ? order
            : (a, b) -> order.compare(attribute(a, attribute, run), attribute(b, attribute, run));
    List<@Nullable Object> items = Values.elements(value, run.budget);
    items.sort(reverse ? byItem.reversed() : byItem);
    return items;
  }

  static List<@Nullable Object> sortedItems(@Nullable Object value, Arguments arguments, Run run) {
    if (!(value instanceof Map<?, ?> map)) {
      throw TemplateException.value("dictsort: %s is no mapping".formatted(Values.typeOf(value)));
    }
    boolean caseSensitive = Values.isTrue(arguments.get(0, "case_sensitive", false));
    int by = "value".equals(arguments.get(1, "by", "key")) ? 1 : 0;
    boolean reverse = Values.isTrue(arguments.get(2, "reverse", false));
    Comparator<@Nullable Object> order = Filters.order(caseSensitive, run);
    Comparator<@Nullable Object> byItem =
        (a, b) -> order.compare(((List<?>) a).get(by), ((List<?>) b).get(by));
    List<@Nullable Object> items = Attributes.items(map, run.budget);
    items.sort(reverse ? byItem.reversed() : byItem);
    return items;
  }

  static @Nullable Object extreme(@Nullable Object value, int sign, Run run) {
    List<@Nullable Object> items = Values.elements(value, run.budget);
    if (items.isEmpty()) {
      return new Undefined("the extreme of an empty list");
    }
    Comparator<@Nullable Object> order = Filters.order(false, run);
    Object best = items.getFirst();
    for (Object item : items) {
      best = sign * Integer.signum(order.compare(item, best)) < 0 ? item : best;
    }
    return best;
  }

  static List<@Nullable Object> unique(@Nullable Object value, Run run) {
    List<@Nullable Object> kept = new ArrayList<>();
    Comparator<@Nullable Object> order = Filters.order(false, run);
    for (Object item : Values.elements(value, run.budget)) {
      if (kept.stream()
          .noneMatch(other ->
              Values.areEqual(item, other, run.budget)
                  || (item instanceof String
                      && other instanceof String
                      && order.compare(item, other) == 0))) {
        kept.add(item);
      }
    }
    return kept;
  }

  static @Nullable Object sum(@Nullable Object value, Arguments arguments, Run run) {
    Object attribute = arguments.get(0, "attribute", null);
    Object sum = arguments.get(1, "start", 0L);
    for (Object item : Values.elements(value, run.budget)) {
      Object term = attribute == null ? item : attribute(item, attribute, run);
      sum = Arithmetic.apply("+", sum, term, run.budget);
    }
    return sum;
  }
}
