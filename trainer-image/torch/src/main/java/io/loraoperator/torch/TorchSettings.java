package io.loraoperator.torch;

/**
 * How PyTorch runs in this process.
 *
 * @param threads threads of one operation; 0 lets PyTorch take one for each core
 * @param optimizeGraphs whether TorchScript's profiling executor may specialise kernels: a few
 *     slower calls at the start for a few percent afterwards
 */
public record TorchSettings(int threads, boolean optimizeGraphs) {

  /** System property with the number of threads of one operation. */
  public static final String THREADS = "lora.threads";

  /** System property ({@code true} or {@code false}) for {@link #optimizeGraphs}. */
  public static final String OPTIMIZE_GRAPHS = "lora.optimizeGraphs";

  /**
   * @throws IllegalArgumentException if the number of threads is negative
   */
  public TorchSettings {
    if (threads < 0) {
      throw new IllegalArgumentException("threads must not be negative: " + threads);
    }
  }

  /** What the system properties ask for; every core and no graph optimisation without them. */
  public static TorchSettings fromProperties() {
    return new TorchSettings(Integer.getInteger(THREADS, 0), Boolean.getBoolean(OPTIMIZE_GRAPHS));
  }
}
