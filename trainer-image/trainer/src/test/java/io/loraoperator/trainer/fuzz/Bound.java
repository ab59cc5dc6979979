package io.loraoperator.trainer.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.function.Predicate;

/**
 * What reading one input may end with and what it may allocate on the heap. The process's memory,
 * which native libraries allocate from, and the time are limited by the fuzzer.
 */
final class Bound {

  /** For each byte of the file; a list of many short texts takes more, but is no large file. */
  static final long FOUR_TIMES = 4;

  /** A tree of JSON has objects and tables for its values, and is copied once. */
  static final long JSON_TREE = 64;

  /** What does not depend on the file: buffers, tables, messages. */
  static final long FIXED_BYTES = 1 << 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** A reader. */
  interface Reading {
    /** Reads the input to its end. */
    void run() throws IOException;
  }

  private final long fixedBytes;
  private final long bytesPerByte;
  private final Predicate<RuntimeException> refusal;

  /**
   * A bound.
   *
   * @param fixedBytes what reading may allocate whatever the size
   * @param bytesPerByte what it may allocate for each byte of the file
   * @param refusal whether an exception names what is wrong and the remedy; others are faults
   */
  Bound(long fixedBytes, long bytesPerByte, Predicate<RuntimeException> refusal) {
    this.fixedBytes = fixedBytes;
    this.bytesPerByte = bytesPerByte;
    this.refusal = refusal;
  }

  /** Reads an input; a second time if the first takes too much, which may be due to new classes. */
  void check(int inputBytes, Reading reading) throws IOException {
    long allowed = fixedBytes + bytesPerByte * inputBytes;
    if (allocated(reading) > allowed) {
      long again = allocated(reading);
      if (again > allowed) {
        throw new AssertionError(
            "%,d bytes are allocated for an input of %,d, %,d are allowed"
                .formatted(again, inputBytes, allowed));
      }
    }
  }

  private long allocated(Reading reading) throws IOException {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      reading.run();
    } catch (RuntimeException e) {
      if (!refusal.test(e)) {
        throw e;
      }
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
