package io.loraoperator.trainer.cli;

import io.loraoperator.contract.ExitCode;
import io.loraoperator.trainer.Version;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command and its subcommands. */
public final class CommandLines {

  /** What stands above all commands. */
  @Command(
      name = "lora-trainer",
      description = "Fine-tune language models with LoRA.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class,
      synopsisSubcommandLabel = "COMMAND",
      footer = {
        "",
        "Exit codes: 0 done; 2 wrong command line; 10 InvalidSpec; 11 BaseModelNotFound;",
        "12 UnsupportedModel; 13 DatasetNotFound; 14 DatasetInvalid; 15 NoTrainableTokens;",
        "16 StorageAccessDenied; 17 StorageUnavailable; 18 InsufficientMemory; 19 OutOfMemory;",
        "20 LossDiverged; 30 interrupted, to be resumed by the same command; 1 anything else."
      })
  static final class Root {}

  /** The release. */
  static final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"lora-trainer " + Version.current()};
    }
  }

  private CommandLines() {}

  /** Parses and runs; gives the exit code. */
  public static int execute(Shell shell, Termination termination, String... arguments) {
    CommandLine root =
        new CommandLine(new Root())
            .addSubcommand(new TrainCommand(shell, termination))
            .addSubcommand(new AuditCommand(shell))
            .addSubcommand(new EstimateCommand(shell))
            .addSubcommand(new EvaluateCommand(shell))
            .addSubcommand(new GenerateCommand(shell))
            .addSubcommand(new MergeCommand(shell))
            .setOut(new PrintWriter(shell.out(), true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(shell.err(), true, StandardCharsets.UTF_8))
            .setColorScheme(
                CommandLine.Help.defaultColorScheme(
                    shell.terminal() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
    if (arguments.length == 0) {
      root.usage(root.getErr());
      return ExitCode.USAGE.code();
    }
    return root.execute(arguments);
  }
}
