package io.loraoperator.torch;

/**
 * How PyTorch runs in this process.
 *
 * @param threads threads of one operation; 0 lets PyTorch take one for each core
 */
public record TorchSettings(int threads) {

  /** System property with the number of threads of one operation. */
  public static final String THREADS = "lora.threads";

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if the number of threads is negative
   */
  public TorchSettings {
    if (threads < 0) {
      throw new IllegalArgumentException("threads must not be negative: " + threads);
    }
  }

  /** What the system property asks for; every core without it. */
  public static TorchSettings fromProperties() {
    return new TorchSettings(Integer.getInteger(THREADS, 0));
  }
}
