package io.loraoperator.reporter;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When a report may be sent: ordinary ones not more often than the interval, urgent ones at once,
 * and after a failure only when the back-off is over, which doubles from one second to thirty and
 * varies by a fifth so that many reporters do not return at the same moment.
 */
final class ReportSchedule {
  private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(1);
  private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(30);
  private static final double VARIATION = 0.2;

  private final Clock clock;
  private final Duration minInterval;
  private final RandomGenerator random;
  private @Nullable Instant lastReport;
  private @Nullable Instant retryAt;
  private Duration backOff = FIRST_BACK_OFF;

  ReportSchedule(Clock clock, Duration minInterval, RandomGenerator random) {
    this.clock = clock;
    this.minInterval = minInterval;
    this.random = random;
  }

  boolean permits(boolean urgent) {
    Instant now = clock.instant();
    if (retryAt != null && now.isBefore(retryAt)) {
      return false;
    }
    return urgent || lastReport == null || !now.isBefore(lastReport.plus(minInterval));
  }

  void succeeded() {
    lastReport = clock.instant();
    retryAt = null;
    backOff = FIRST_BACK_OFF;
  }

  /** Notes a failure; the server's own wish prevails over a shorter back-off. */
  void failed(@Nullable Duration retryAfter) {
    double factor = 1 + VARIATION * (2 * random.nextDouble() - 1);
    Duration wait = Duration.ofMillis(Math.round(backOff.toMillis() * factor));
    if (retryAfter != null && retryAfter.compareTo(wait) > 0) {
      wait = retryAfter;
    }
    retryAt = clock.instant().plus(wait);
    Duration doubled = backOff.multipliedBy(2);
    backOff = doubled.compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : doubled;
  }

  /** Lets the next report go at once: there is no time left to wait. */
  void hurry() {
    retryAt = null;
    backOff = FIRST_BACK_OFF;
  }
}
