package io.loraoperator.trainer.cli;

import io.loraoperator.contract.ProgressSnapshot;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.run.RunObserver;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Messages on stderr. In a terminal there is a bar that is drawn over itself and colours; elsewhere
 * one plain line for each phase and each logged step.
 */
final class Console implements RunObserver {

  private static final int BAR_WIDTH = 24;
  private static final Duration REDRAW = Duration.ofMillis(100);
  private static final String CLEAR_LINE = "\r\u001B[K";
  private static final String YELLOW = "\u001B[33m";
  private static final String RED = "\u001B[31m";
  private static final String PLAIN = "\u001B[0m";

  private final PrintStream err;
  private final boolean terminal;
  private final Clock clock;
  private Instant drawn = Instant.EPOCH;
  private ProgressSnapshot.@Nullable Phase phase;
  private @Nullable Double shownLoss;
  private @Nullable Double shownEvaluation;
  private boolean barShown;

  Console(PrintStream err, boolean terminal, Clock clock) {
    this.err = err;
    this.terminal = terminal;
    this.clock = clock;
  }

  @Override
  public synchronized void note(String message) {
    line(message);
  }

  @Override
  public synchronized void warn(String message) {
    line((terminal ? YELLOW + "warning:" + PLAIN : "warning:") + " " + message);
  }

  /** A failure for a person: what, why by its name, and what to do. */
  synchronized void failure(RunFailure failure, boolean debug) {
    line(
        "%s %s (%s)"
            .formatted(
                terminal ? RED + "error:" + PLAIN : "error:",
                failure.getMessage(),
                failure.reason()));
    line("  what to do: " + failure.remedy());
    if (debug) {
      failure.printStackTrace(err);
    }
  }

  @Override
  public synchronized void progress(ProgressSnapshot snapshot) {
    boolean newPhase = snapshot.phase() != phase;
    phase = snapshot.phase();
    if (terminal) {
      Instant now = clock.instant();
      if (newPhase || Duration.between(drawn, now).compareTo(REDRAW) >= 0) {
        drawn = now;
        err.print(CLEAR_LINE + bar(snapshot));
        err.flush();
        barShown = true;
        if (phase == ProgressSnapshot.Phase.Finished) {
          err.println();
          barShown = false;
        }
      }
      return;
    }
    boolean news =
        snapshot.totalSteps() != null
            && !(Objects.equals(snapshot.loss(), shownLoss)
                && Objects.equals(snapshot.evaluationLoss(), shownEvaluation));
    if (news) {
      line(values(snapshot));
    } else if (newPhase) {
      line(snapshot.phase().name().toLowerCase(Locale.ROOT));
    }
    shownLoss = snapshot.loss();
    shownEvaluation = snapshot.evaluationLoss();
  }

  private void line(String text) {
    if (barShown) {
      err.print(CLEAR_LINE);
      barShown = false;
    }
    err.println(text);
  }

  private static String bar(ProgressSnapshot snapshot) {
    Integer total = snapshot.totalSteps();
    if (total == null) {
      return snapshot.phase().name().toLowerCase(Locale.ROOT) + "...";
    }
    int filled = (int) ((long) BAR_WIDTH * snapshot.step() / total);
    return "[%s%s] %s"
        .formatted("#".repeat(filled), ".".repeat(BAR_WIDTH - filled), values(snapshot));
  }

  private static String values(ProgressSnapshot snapshot) {
    StringBuilder text = new StringBuilder();
    text.append(snapshot.phase().name().toLowerCase(Locale.ROOT));
    text.append(" step %d/%d".formatted(snapshot.step(), snapshot.totalSteps()));
    append(text, " loss %.4f", snapshot.loss());
    append(text, " eval %.4f", snapshot.evaluationLoss());
    append(text, " %.0f tokens/s", snapshot.tokensPerSecond());
    Long remaining = snapshot.remainingSeconds();
    if (remaining != null && remaining > 0) {
      text.append(" remaining ").append(duration(remaining));
    }
    return text.toString();
  }

  private static void append(StringBuilder text, String format, @Nullable Double value) {
    if (value != null) {
      text.append(String.format(Locale.ROOT, format, value));
    }
  }

  private static String duration(long seconds) {
    return seconds < 3600
        ? "%dm%02ds".formatted(seconds / 60, seconds % 60)
        : "%dh%02dm".formatted(seconds / 3600, seconds % 3600 / 60);
  }
}
