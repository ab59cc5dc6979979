package io.loraoperator.e2e.cluster.process;

import io.loraoperator.e2e.cluster.ClusterException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for a condition outside of this process. */
public final class Await {
  private static final Duration PERIOD = Duration.ofMillis(50);

  private Await() {}

  /** Returns whether the condition became true in time; a condition that throws ends the wait. */
  public static boolean within(Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      try {
        Thread.sleep(PERIOD);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new ClusterException("Interrupted while waiting", interrupted);
      }
    }
    return true;
  }

  /**
   * Waits for the condition.
   *
   * @throws ClusterException with the complaint if it does not become true in time
   */
  public static void until(Duration limit, BooleanSupplier condition, Supplier<String> complaint) {
    if (!within(limit, condition)) {
      throw new ClusterException(complaint.get());
    }
  }
}
