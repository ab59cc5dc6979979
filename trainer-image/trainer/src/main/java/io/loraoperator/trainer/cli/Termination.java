package io.loraoperator.trainer.cli;

import io.loraoperator.contract.ExitCode;
import io.loraoperator.trainer.loop.StopSignal;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The end of the process. A signal asks the work to stop and gives it most of the grace period to
 * store a checkpoint; then the JVM is halted with the work's own exit code, for a JVM that a signal
 * ends would say 143.
 */
public final class Termination {

  /** What Kubernetes gives if the specification could not be read. */
  private static final int USUAL_GRACE_SECONDS = 30;

  /** What the reporter needs after the trainer; the kubelet stops it later. */
  private static final int RESERVED_SECONDS = 10;

  private final StopSignal signal = new StopSignal();
  private final CountDownLatch finished = new CountDownLatch(1);
  private final AtomicInteger code = new AtomicInteger(ExitCode.INTERRUPTED.code());
  private volatile int graceSeconds = USUAL_GRACE_SECONDS;

  /** What the work looks at. */
  public StopSignal signal() {
    return signal;
  }

  /** How long the work may take to stop, in all. */
  void gracePeriod(int seconds) {
    graceSeconds = seconds;
  }

  /** Takes over the end of this process. */
  public void install() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::onShutdown, "termination"));
  }

  /** Says that the work has ended. */
  public void finished(int exitCode) {
    code.set(exitCode);
    finished.countDown();
  }

  private void onShutdown() {
    if (finished.getCount() > 0) {
      signal.request();
      Duration patience = Duration.ofSeconds(Math.max(5, graceSeconds - RESERVED_SECONDS));
      try {
        if (!finished.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
          System.err.println("error: told to stop, and the work did not end in " + patience);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    System.out.flush();
    System.err.flush();
    Runtime.getRuntime().halt(code.get());
  }
}
