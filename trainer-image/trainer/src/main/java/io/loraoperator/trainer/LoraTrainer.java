package io.loraoperator.trainer;

import io.loraoperator.trainer.cli.CommandLines;
import io.loraoperator.trainer.cli.Shell;
import io.loraoperator.trainer.cli.Termination;

/** The {@code lora-trainer} command. */
public final class LoraTrainer {

  private LoraTrainer() {}

  /** Runs the command and ends the process with the exit code of the contract. */
  public static void main(String[] arguments) {
    Termination termination = new Termination();
    termination.install();
    int code = CommandLines.execute(Shell.ofProcess(), termination, arguments);
    termination.finished(code);
    System.exit(code);
  }
}
