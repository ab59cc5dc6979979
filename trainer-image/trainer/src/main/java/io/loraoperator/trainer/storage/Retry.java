package io.loraoperator.trainer.storage;

import io.loraoperator.trainer.storage.StorageException.Kind;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Tries again what failed for a reason that may pass, with waits that double.
 *
 * @param attempts at most, the first included
 * @param firstWait before the second attempt
 * @param longestWait between two attempts
 * @param sleeper waits
 */
public record Retry(int attempts, Duration firstWait, Duration longestWait, Sleeper sleeper) {

  /** Waits for a while. */
  public interface Sleeper {
    void sleep(Duration duration) throws InterruptedException;
  }

  /** The Hugging Face hub counts requests over five minutes. */
  static final Duration LONGEST_ASKED = Duration.ofMinutes(5);

  /** For sources: a wrong address should be told within a quarter of a minute. */
  public static final Retry READING =
      new Retry(5, Duration.ofSeconds(1), Duration.ofSeconds(8), Thread::sleep);

  /** For results: a storage that is away for a minute loses nothing. */
  public static final Retry WRITING =
      new Retry(10, Duration.ofSeconds(1), Duration.ofSeconds(15), Thread::sleep);

  /** For checkpoints: training goes on, and the whole is tried again later. */
  public static final Retry CHECKPOINTS =
      new Retry(3, Duration.ofSeconds(1), Duration.ofSeconds(2), Thread::sleep);

  /** Runs an action until it succeeds, fails for good, or has been tried often enough. */
  public <T> T call(Supplier<T> action) {
    Duration wait = firstWait;
    for (int attempt = 1; ; attempt++) {
      try {
        return action.get();
      } catch (StorageException e) {
        if (e.kind() != Kind.UNAVAILABLE || attempt >= attempts) {
          throw e;
        }
        pause(longer(wait, e.retryAfter()), e);
        wait = wait.multipliedBy(2).compareTo(longestWait) > 0 ? longestWait : wait.multipliedBy(2);
      }
    }
  }

  /** A storage that says how long it is busy is not asked before, within reason. */
  private static Duration longer(Duration wait, Duration asked) {
    Duration allowed = asked.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : asked;
    return allowed.compareTo(wait) > 0 ? allowed : wait;
  }

  private void pause(Duration wait, StorageException failure) {
    try {
      sleeper.sleep(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }
}
