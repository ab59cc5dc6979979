package io.loraoperator.e2e.cluster;

/** Receives one line for each step that a person may have to wait for. */
@FunctionalInterface
public interface Progress {
  void step(String line);

  /** Lines on standard error, so that standard output stays for results. */
  static Progress standardError() {
    return line -> System.err.println("cluster: " + line);
  }
}
