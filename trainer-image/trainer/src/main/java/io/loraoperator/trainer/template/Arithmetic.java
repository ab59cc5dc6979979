package io.loraoperator.trainer.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's operators on numbers, strings and lists. */
final class Arithmetic {

  private Arithmetic() {}

  static @Nullable Object apply(
      String operator, @Nullable Object a, @Nullable Object b, Budget budget) {
    if (a instanceof Undefined none) {
      throw none.used();
    }
    if (b instanceof Undefined none && !operator.equals("%")) {
      throw none.used();
    }
    if (Values.isNumber(a) && Values.isNumber(b)) {
      try {
        return a instanceof Double || b instanceof Double
            ? onDoubles(operator, Values.toDouble(a), Values.toDouble(b))
            : onLongs(operator, Values.toLong(a), Values.toLong(b));
      } catch (ArithmeticException e) {
        throw TemplateException.value("%s: %s".formatted(operator, e.getMessage()));
      }
    }
    if (operator.equals("+") && a instanceof String x && b instanceof String y) {
      budget.characters((long) x.length() + y.length());
      return x + y;
    }
    if (operator.equals("+") && a instanceof List<?> x && b instanceof List<?> y) {
      budget.spend((long) x.size() + y.size());
      List<@Nullable Object> both = new ArrayList<>(x);
      both.addAll(y);
      return both;
    }
    if (operator.equals("*") && a instanceof Long times) {
      return repeated(b, times, budget);
    }
    if (operator.equals("*") && b instanceof Long times) {
      return repeated(a, times, budget);
    }
    if (operator.equals("%") && a instanceof String format) {
      return PercentFormat.format(format, b instanceof List<?> list ? list : listOf(b), budget);
    }
    throw TemplateException.value(
        "%s does not work on %s and %s".formatted(operator, Values.typeOf(a), Values.typeOf(b)));
  }

  private static List<@Nullable Object> listOf(@Nullable Object item) {
    List<@Nullable Object> list = new ArrayList<>();
    list.add(item);
    return list;
  }

  private static Object repeated(@Nullable Object value, long times, Budget budget) {
    long n = Math.max(0, times);
    if (value instanceof String text) {
      budget.characters(product(n, text.length()));
      return text.repeat((int) (text.isEmpty() ? 0 : n));
    }
    if (value instanceof List<?> items) {
      budget.spend(product(n, items.size()));
      List<@Nullable Object> all = new ArrayList<>();
      for (long i = 0; i < n && !items.isEmpty(); i++) {
        all.addAll(items);
      }
      return all;
    }
    throw TemplateException.value("* does not work on " + Values.typeOf(value));
  }

  private static long product(long times, int size) {
    return size > 0 && times > Integer.MAX_VALUE ? Integer.MAX_VALUE : times * size;
  }

  private static Object onLongs(String operator, long a, long b) {
    return switch (operator) {
      case "+" -> Math.addExact(a, b);
      case "-" -> Math.subtractExact(a, b);
      case "*" -> Math.multiplyExact(a, b);
      case "/" -> {
        if (b == 0) {
          throw new ArithmeticException("division by zero");
        }
        yield (double) a / b;
      }
      case "//" -> Math.floorDiv(a, b);
      case "%" -> Math.floorMod(a, b);
      case "**" -> {
        if (b < 0 || b > 62) {
          yield Math.pow((double) a, (double) b);
        }
        long power = 1;
        for (long i = 0; i < b; i++) {
          power = Math.multiplyExact(power, a);
        }
        yield power;
      }
      default -> throw new IllegalStateException(operator);
    };
  }

  private static Object onDoubles(String operator, double a, double b) {
    if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new ArithmeticException("division by zero");
    }
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> Math.floor(a / b);
      case "%" -> a - b * Math.floor(a / b);
      case "**" -> Math.pow(a, b);
      default -> throw new IllegalStateException(operator);
    };
  }
}
