package io.loraoperator.trainer.storage;

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

  /**
   * Names the trouble.
   *
   * @param message names the bucket and the key, or the file
   */
  public StorageException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What kind of trouble it is. */
  public Kind kind() {
    return kind;
  }
}
