package io.loraoperator.operator.desired;

import java.time.Duration;

/** How long a failed attempt is left alone before it is repeated. */
final class Backoff {

  /** As the Job controller's. */
  private static final Duration FIRST = Duration.ofSeconds(10);

  private static final Duration LONGEST = Duration.ofMinutes(6);

  /** Doubling further than this would pass {@link #LONGEST} anyway. */
  private static final int DOUBLINGS = 6;

  private Backoff() {}

  /** The delay after a failure that so many others came before. */
  static Duration delay(int earlierFailures) {
    Duration delay = FIRST.multipliedBy(1L << Math.min(earlierFailures, DOUBLINGS));
    return delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
  }
}
