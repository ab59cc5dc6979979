package io.loraoperator.trainer.resume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real trainers that are killed and told to stop at random steps end with the bytes of one that
 * nobody disturbed. {@code trainer-image/interruptions 20} does it twenty times for each signal.
 */
class InterruptionIT {

  private static final int COUNT = Integer.getInteger("lora.interruptions", 2);
  private static final long SEED = Long.getLong("lora.interruptions.seed", 1);
  private static final int INTERRUPTED = 30;
  private static final int KILLED = 128 + 9;

  /** So many steps before the end that a signal still comes in time. */
  private static final int LATEST = TinyRun.STEPS - 30;

  @TempDir static Path shared;
  @TempDir Path folder;

  private static TinyRun run;
  private static TinyRun.Results unbroken;
  private static final List<String> table = new ArrayList<>();

  private enum Signal {
    SIGKILL,
    SIGTERM
  }

  @BeforeAll
  static void trainUnbroken() throws Exception {
    run = TinyRun.write(shared);
    Path output = shared.resolve("unbroken");
    TrainerProcess whole =
        TrainerProcess.run(List.of(), run.arguments(output), Map.of(), (line, process) -> {});
    assertThat(whole.code()).as(whole.told()).isZero();
    unbroken = TinyRun.Results.of(output);
    table.add(
        "run of %d steps, a checkpoint every %d, seed %d; unbroken adapter %s"
            .formatted(TinyRun.STEPS, TinyRun.CHECKPOINT_EVERY, SEED, unbroken.adapterSha256()));
    table.add("run            went on after  redone  signal   stopped after  adapter  log");
  }

  @AfterAll
  static void print() throws IOException {
    String text = String.join("\n", table) + "\n";
    System.out.println(text);
    Files.writeString(Path.of("target/interruptions.txt"), text);
  }

  @Test
  void killedRunsEndWithTheSameBytes() throws Exception {
    interruptEach(Signal.SIGKILL);
  }

  @Test
  void stoppedRunsEndWithTheSameBytes() throws Exception {
    interruptEach(Signal.SIGTERM);
  }

  @Test
  void aRunInterruptedFiveTimesEndsWithTheSameBytes() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED + 1000);
    Path output = folder.resolve("five");
    int from = 0;
    for (int i = 0; i < 5; i++) {
      Signal signal = i % 2 == 0 ? Signal.SIGKILL : Signal.SIGTERM;
      from = interrupt("five times", signal, from + 3 + random.nextInt(14), from, output);
    }
    finish("five times", output, from);
  }

  private void interruptEach(Signal signal) throws Exception {
    SplittableRandom random = new SplittableRandom(SEED + signal.name().hashCode());
    for (int i = 1; i <= COUNT; i++) {
      Path output = folder.resolve(signal + "-" + i);
      String name =
          "%s %d".formatted(signal.name().substring(3).toLowerCase(java.util.Locale.ROOT), i);
      int stopped = interrupt(name, signal, 1 + random.nextInt(LATEST), 0, output);
      finish(name, output, stopped);
    }
  }

  /**
   * Runs until a step is told, then sends the signal.
   *
   * @return the step after which the trainer was stopped
   */
  private static int interrupt(String name, Signal signal, int step, int stoppedBefore, Path output)
      throws Exception {
    TrainerProcess process =
        TrainerProcess.run(
            List.of(),
            run.arguments(output),
            Map.of(),
            (line, running) -> {
              // By its handle: a process that is destroyed as such cannot be read to its last word.
              if (TrainerProcess.step(line) == step) {
                if (signal == Signal.SIGKILL) {
                  running.toHandle().destroyForcibly();
                } else {
                  running.toHandle().destroy();
                }
              }
            });
    assertThat(process.code())
        .as(process.told())
        .isEqualTo(signal == Signal.SIGKILL ? KILLED : INTERRUPTED);
    row(name, signal.name(), String.valueOf(process.lastStep()), stoppedBefore, process, "");
    checkRedone(stoppedBefore, process);
    return process.lastStep();
  }

  private static void finish(String name, Path output, int stopped) throws Exception {
    TrainerProcess process =
        TrainerProcess.run(List.of(), run.arguments(output), Map.of(), (line, running) -> {});
    assertThat(process.code()).as(process.told()).isZero();
    TinyRun.Results results = TinyRun.Results.of(output);
    row(
        name,
        "-",
        "end",
        stopped,
        process,
        "  %-7s  %s"
            .formatted(
                results.adapterSha256().equals(unbroken.adapterSha256()) ? "equal" : "DIFFERS",
                results.losses().equals(unbroken.losses()) ? "equal" : "DIFFERS"));
    checkRedone(stopped, process);
    assertThat(results).isEqualTo(unbroken);
  }

  private static void row(
      String name, String signal, String until, int stopped, TrainerProcess process, String end) {
    table.add(
        "%-12s %15s  %6s  %-8s %13s%s"
            .formatted(
                name,
                stopped == 0 ? "-" : process.resumedAt(),
                stopped == 0 ? "-" : stopped - process.resumedAt(),
                signal,
                until,
                end)
            .stripTrailing());
  }

  private static void checkRedone(int stopped, TrainerProcess next) {
    assertThat(stopped - next.resumedAt())
        .as("steps done again")
        .isBetween(0, TinyRun.CHECKPOINT_EVERY);
  }
}
