package io.loraoperator.trainer.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.function.BiConsumer;

/** One call of the command line, in this process. */
public record Invocation(int code, String out, String err) {

  /** Runs a command. */
  public static Invocation of(String... arguments) {
    return of((line, termination) -> {}, arguments);
  }

  /**
   * Runs a command.
   *
   * @param onLine sees every line on stderr as it is written
   */
  public static Invocation of(BiConsumer<String, Termination> onLine, String... arguments) {
    return of(onLine, Map.of(), arguments);
  }

  /**
   * Runs a command where there is little memory.
   *
   * @param memory bytes that the process may take
   */
  public static Invocation within(long memory, String... arguments) {
    return of((line, termination) -> {}, Map.of(), memory, arguments);
  }

  /**
   * Runs a command.
   *
   * @param variables the environment
   */
  public static Invocation of(
      BiConsumer<String, Termination> onLine, Map<String, String> variables, String... arguments) {
    return of(onLine, variables, Long.MAX_VALUE, arguments);
  }

  private static Invocation of(
      BiConsumer<String, Termination> onLine,
      Map<String, String> variables,
      long memory,
      String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Termination termination = new Termination();
    PrintStream watched =
        new PrintStream(err, true, StandardCharsets.UTF_8) {
          @Override
          public void println(String line) {
            super.println(line);
            onLine.accept(line, termination);
          }
        };
    Shell shell =
        new Shell(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            watched,
            false,
            variables,
            1,
            memory,
            Clock.systemUTC());
    int code = CommandLines.execute(shell, termination, arguments);
    return new Invocation(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
