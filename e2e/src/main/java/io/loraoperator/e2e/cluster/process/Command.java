package io.loraoperator.e2e.cluster.process;

import io.loraoperator.e2e.cluster.ClusterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A short-lived program whose output is read as a whole. */
public final class Command {
  private Command() {}

  /** What a program said (standard output and error together) and how it ended. */
  public record Result(int exitCode, String output) {}

  /**
   * Runs a program to its end.
   *
   * @throws ClusterException with the program's output if it exits with anything but 0
   */
  public static String run(List<String> command) {
    return check(command, execute(command, Redirect.from(new java.io.File("/dev/null"))));
  }

  /** As {@link #run(List)}, with a file as standard input. */
  public static String run(List<String> command, Path input) {
    return check(command, execute(command, Redirect.from(input.toFile())));
  }

  /** Runs a program whose failure is an answer too. */
  public static Result attempt(List<String> command) {
    return execute(command, Redirect.from(new java.io.File("/dev/null")));
  }

  private static String check(List<String> command, Result result) {
    if (result.exitCode() != 0) {
      throw new ClusterException(
          "`%s` failed with exit code %d: %s"
              .formatted(String.join(" ", command), result.exitCode(), result.output().strip()));
    }
    return result.output();
  }

  private static Result execute(List<String> command, Redirect input) {
    try {
      Process process =
          new ProcessBuilder(command).redirectErrorStream(true).redirectInput(input).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot run " + command.getFirst(), failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ClusterException("Interrupted while running " + command.getFirst(), interrupted);
    }
  }
}
