package io.loraoperator.e2e.cluster;

/** A cluster operation failed; the message says what, and what to do about it. */
public final class ClusterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ClusterException(String message) {
    super(message);
  }

  public ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
