package io.loraoperator.torch;

import org.jspecify.annotations.Nullable;

/** A kernel failed: wrong shapes, a failed assertion in it, or no memory left. */
public final class TorchException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says what was being done and what PyTorch answered. */
  public TorchException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Whether PyTorch's allocator could not get the memory it asked the system for. */
  public boolean isOutOfMemory() {
    Throwable cause = getCause();
    String message = cause == null ? getMessage() : cause.getMessage();
    return message != null
        && (message.contains("can't allocate memory") || message.contains("out of memory"));
  }
}
