package io.loraoperator.reporter;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The sidecar's program. It runs until the kubelet stops it, which it does after the trainer's
 * container has ended; then it reports a last time, so that the status carries the last step.
 */
public final class Reporter {
  /** How often the progress file is looked at: one call of stat. */
  private static final Duration LOOK = Duration.ofMillis(500);

  /**
   * How long a stopped reporter tries to tell the last step; the kubelet ends it sooner where the
   * grace period is shorter. After a trainer that has finished it is all of that period, so that an
   * API server that comes back within it learns of the end.
   */
  private static final Duration LAST_REPORT = Duration.ofSeconds(110);

  /** Longer than the longest request; a loop that is silent for so long hangs. */
  private static final Duration HANGS = Duration.ofMinutes(1);

  private static final int USAGE_ERROR = 2;

  private final ReporterConfig config;
  private final Clock clock;
  private final ReporterMetrics metrics;
  private final StatusReport report;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile Instant turned;

  Reporter(ReporterConfig config, Clock clock, Consumer<String> log) {
    this.config = config;
    this.clock = clock;
    this.turned = clock.instant();
    this.metrics = new ReporterMetrics(config);
    SplittableRandom random = new SplittableRandom(config.target().uid().hashCode());
    this.report =
        new StatusReport(
            config,
            clock,
            new ReportSchedule(clock, config.minInterval(), random),
            new ApiServer(config),
            metrics,
            log);
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    ReporterConfig config;
    try {
      config = ReporterConfig.of(System.getenv());
    } catch (IllegalArgumentException e) {
      System.err.println("lora-reporter: " + e.getMessage());
      System.exit(USAGE_ERROR);
      return;
    }
    Clock clock = Clock.systemUTC();
    Reporter reporter =
        new Reporter(config, clock, line -> System.out.println(clock.instant() + " " + line));
    Runtime.getRuntime().addShutdownHook(new Thread(reporter::stopAndHalt, "stop"));
    reporter.run();
  }

  /** Reports until {@link #stop} is called, and then a last time. */
  void run() throws IOException, InterruptedException {
    try (Endpoints _ = Endpoints.start(config.port(), metrics, this::turns)) {
      do {
        turned = clock.instant();
        report.tick();
      } while (!stopping.await(LOOK.toMillis(), TimeUnit.MILLISECONDS));
      reportLast();
    } finally {
      stopped.countDown();
    }
  }

  /** Asks for the last report; returns when it is made or its time is over. */
  void stop() throws InterruptedException {
    stopping.countDown();
    boolean inTime = stopped.await(LAST_REPORT.toMillis(), TimeUnit.MILLISECONDS);
    if (!inTime) {
      System.err.println("the last report could not be made within " + LAST_REPORT);
    }
  }

  private void reportLast() throws InterruptedException {
    Instant end = clock.instant().plus(LAST_REPORT);
    while (!report.settled() && clock.instant().isBefore(end)) {
      report.hurry();
      report.tick();
      if (!report.settled()) {
        TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
      }
    }
  }

  private boolean turns() {
    return turned.plus(HANGS).isAfter(clock.instant());
  }

  private void stopAndHalt() {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // A Java program ended by SIGTERM would say 143, which reads like a failure.
    Runtime.getRuntime().halt(0);
  }
}
