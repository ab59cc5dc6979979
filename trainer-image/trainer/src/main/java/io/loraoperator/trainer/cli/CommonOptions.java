package io.loraoperator.trainer.cli;

import io.loraoperator.contract.ExitCode;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.run.Failures;
import picocli.CommandLine.Option;

/** Options of every command. */
final class CommonOptions {

  @Option(names = "--json", description = "Print the result as JSON on stdout.")
  boolean json;

  @Option(names = "--debug", description = "Print stack traces, too.")
  boolean debug;

  /** What a command does. */
  @FunctionalInterface
  interface Task {
    ExitCode run(Console console);
  }

  /** Does it, and tells what went wrong: the exit code is that of the failure's reason. */
  int run(Shell shell, Task task) {
    Console console = new Console(shell.err(), shell.terminal(), shell.clock());
    try {
      return task.run(console).code();
    } catch (RuntimeException | OutOfMemoryError e) {
      RunFailure failure = Failures.of(e);
      console.failure(failure, debug);
      return ExitCode.of(failure.reason()).code();
    }
  }
}
