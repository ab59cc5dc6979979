package io.loraoperator.trainer.storage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A storage that did not do what it was asked for, by the kind of trouble. */
public final class StorageException extends RuntimeException {

  /** What kind of trouble it is. */
  public enum Kind {
    /** The bucket, object, folder or file does not exist. */
    NOT_FOUND,
    /** The credentials are missing, wrong or not allowed to do this. */
    ACCESS_DENIED,
    /** It cannot be reached, or failed, also after retries. */
    UNAVAILABLE
  }

  private final Kind kind;
  private final Duration retryAfter;

  /**
   * Names the trouble.
   *
   * @param message names the bucket and the key, or the file
   */
  public StorageException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.retryAfter = Duration.ZERO;
  }

  /**
   * A storage that is there and asks for patience.
   *
   * @param retryAfter how long it wants to be left alone
   */
  public StorageException(String message, Duration retryAfter) {
    super(message);
    this.kind = Kind.UNAVAILABLE;
    this.retryAfter = retryAfter;
  }

  /** How long the storage wants to be left alone; zero if it does not say. */
  public Duration retryAfter() {
    return retryAfter;
  }

  /** What kind of trouble it is. */
  public Kind kind() {
    return kind;
  }
}
