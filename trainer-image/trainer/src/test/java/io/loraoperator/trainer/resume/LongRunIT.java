package io.loraoperator.trainer.resume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A trainer takes no more memory the longer it runs: checkpoints, evaluations and logs included.
 */
class LongRunIT {

  private static final int STEPS = 2000;
  private static final int LOG_EVERY = 20;

  /** Until here the heap grows to its size and every shape occurs for the first time. */
  private static final int SETTLED = 500;

  private static final double BYTES_A_STEP = (1 << 20) / 100.0;

  @TempDir Path folder;

  @Test
  void memoryStaysFlat() throws Exception {
    TinyRun run = TinyRun.write(folder);
    Path manifest = folder.resolve("finetune.yaml");
    Files.writeString(
        manifest,
        Files.readString(manifest)
            .replace("maxSteps: " + TinyRun.STEPS, "maxSteps: " + STEPS)
            .replace("logEverySteps: 1", "logEverySteps: " + LOG_EVERY));
    NavigableMap<Integer, Long> resident = new TreeMap<>();
    TrainerProcess trainer =
        TrainerProcess.run(
            List.of(),
            run.arguments(folder.resolve("out")),
            Map.of(),
            (line, process) -> {
              int step = TrainerProcess.step(line);
              if (step > 0) {
                resident.put(step, residentBytes(process));
              }
            });
    assertThat(trainer.code()).as(trainer.told()).isZero();
    assertThat(resident).hasSizeGreaterThan(STEPS / LOG_EVERY / 2);

    double slope = slope(resident.tailMap(SETTLED));
    System.out.printf(
        "resident memory over %d steps: %d MiB at step %d, %d MiB at step %d, slope %.2f MiB in 100 steps%n",
        STEPS,
        resident.ceilingEntry(SETTLED).getValue() >> 20,
        resident.ceilingKey(SETTLED),
        resident.lastEntry().getValue() >> 20,
        resident.lastKey(),
        100 * slope / (1 << 20));
    assertThat(slope).as("bytes a step: %s", resident).isLessThan(BYTES_A_STEP);
  }

  private static long residentBytes(Process process) {
    try {
      return Files.readAllLines(Path.of("/proc/%d/status".formatted(process.pid()))).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of the straight line with the least squares. */
  private static double slope(Map<Integer, Long> points) {
    double x = points.keySet().stream().mapToInt(i -> i).average().orElseThrow();
    double y = points.values().stream().mapToLong(i -> i).average().orElseThrow();
    double above = 0;
    double below = 0;
    for (Map.Entry<Integer, Long> point : points.entrySet()) {
      above += (point.getKey() - x) * (point.getValue() - y);
      below += (point.getKey() - x) * (point.getKey() - x);
    }
    return above / below;
  }
}
