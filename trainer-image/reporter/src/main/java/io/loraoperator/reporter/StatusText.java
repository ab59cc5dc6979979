package io.loraoperator.reporter;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as the status shows them: ready-made for the columns of {@code kubectl get}, decimals as
 * strings since the API has no floating-point numbers.
 */
final class StatusText {
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  /** Below this, a number is written with an exponent. */
  private static final double SMALL = 0.01;

  private static final MathContext RATE_DIGITS = new MathContext(5, RoundingMode.HALF_EVEN);
  private static final MathContext NORM_DIGITS = new MathContext(3, RoundingMode.HALF_EVEN);

  private StatusText() {}

  /** A loss with four decimals: {@code 1.8231}. */
  static @Nullable String loss(@Nullable Double value) {
    return fixed(value, 4);
  }

  /** Epochs with two decimals: {@code 0.60}. */
  static @Nullable String epoch(@Nullable Double value) {
    return fixed(value, 2);
  }

  /** A learning rate as people write it: {@code 2e-4}, {@code 1.5e-3}, {@code 0.1}, {@code 0}. */
  static @Nullable String learningRate(@Nullable Double value) {
    if (value == null || !Double.isFinite(value)) {
      return fixed(value, 0);
    }
    return shortest(value, RATE_DIGITS);
  }

  /** A gradient norm with three significant digits: {@code 0.413}. */
  static @Nullable String norm(@Nullable Double value) {
    if (value == null || !Double.isFinite(value)) {
      return fixed(value, 0);
    }
    return shortest(value, NORM_DIGITS);
  }

  /** A rate per second: whole numbers, below ten with one decimal. */
  static @Nullable String perSecond(@Nullable Double value) {
    return fixed(value, value != null && Math.abs(value) < 10 ? 1 : 0);
  }

  /** {@code 120/600}, or {@code 120/?} while the number of steps is not known. */
  static String stepSummary(int step, @Nullable Integer totalSteps) {
    return step + "/" + (totalSteps == null ? "?" : totalSteps);
  }

  /** Full percents; 100 only when all steps are done. */
  static @Nullable Integer percentage(int step, @Nullable Integer totalSteps) {
    if (totalSteps == null || totalSteps <= 0) {
      return null;
    }
    return Math.clamp(100L * step / totalSteps, 0, 100);
  }

  /**
   * A duration by its two largest units: {@code 45s}, {@code 24m50s}, {@code 5h13m}, {@code 3d4h}.
   */
  static @Nullable String remaining(@Nullable Long seconds) {
    if (seconds == null) {
      return null;
    }
    long s = Math.max(0, seconds);
    if (s < MINUTE) {
      return s + "s";
    }
    if (s < HOUR) {
      return s / MINUTE + "m" + s % MINUTE + "s";
    }
    if (s < DAY) {
      return s / HOUR + "h" + s % HOUR / MINUTE + "m";
    }
    return s / DAY + "d" + s % DAY / HOUR + "h";
  }

  private static String shortest(double value, MathContext digits) {
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(digits).stripTrailingZeros();
    if (Math.abs(value) >= SMALL) {
      return rounded.toPlainString();
    }
    int exponent = rounded.precision() - rounded.scale() - 1;
    return rounded.scaleByPowerOfTen(-exponent).toPlainString() + "e" + exponent;
  }

  private static @Nullable String fixed(@Nullable Double value, int decimals) {
    if (value == null) {
      return null;
    }
    if (!Double.isFinite(value)) {
      return String.valueOf(value);
    }
    return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
  }
}
