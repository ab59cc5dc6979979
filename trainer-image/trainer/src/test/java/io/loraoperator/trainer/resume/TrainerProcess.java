package io.loraoperator.trainer.resume;

import io.loraoperator.trainer.ProcessFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code lora-trainer} in a process of its own, followed by what it says.
 *
 * @param code exit code; 128 and the signal's number if one ended it
 * @param lines of stderr
 */
record TrainerProcess(int code, List<String> lines) {

  private static final Pattern STEP = Pattern.compile("^training step (\\d+)/");
  private static final Pattern RESUMED = Pattern.compile("^resuming after step (\\d+) from");
  private static final long PATIENCE_SECONDS = 120;

  /** Runs one to its end; the follower sees each line and may signal the process. */
  static TrainerProcess run(
      List<String> wrapper,
      List<String> arguments,
      Map<String, String> environment,
      BiConsumer<String, Process> follower)
      throws IOException, InterruptedException {
    try (ProcessFolder temporary = ProcessFolder.create()) {
      return run(temporary, wrapper, arguments, environment, follower);
    }
  }

  private static TrainerProcess run(
      ProcessFolder temporary,
      List<String> wrapper,
      List<String> arguments,
      Map<String, String> environment,
      BiConsumer<String, Process> follower)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xms32m",
            temporary.option(),
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            "io.loraoperator.trainer.LoraTrainer"));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
    builder.environment().put("TORCH_CPP_LOG_LEVEL", "ERROR");
    builder.environment().putAll(environment);
    Process process = builder.start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        follower.accept(line, process);
      }
    }
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("a trainer that says nothing more does not end");
    }
    return new TrainerProcess(process.exitValue(), List.copyOf(lines));
  }

  /** The step that a line of progress tells; 0 for other lines. */
  static int step(String line) {
    Matcher matcher = STEP.matcher(line);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  /** The last step that it said it had done, or that it went on from. */
  int lastStep() {
    return Math.max(resumedAt(), lines.stream().mapToInt(TrainerProcess::step).max().orElse(0));
  }

  /** The step from which it went on; 0 if it began at the beginning. */
  int resumedAt() {
    return lines.stream()
        .map(RESUMED::matcher)
        .filter(Matcher::find)
        .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
        .findFirst()
        .orElse(0);
  }

  String told() {
    return String.join("\n", lines);
  }
}
