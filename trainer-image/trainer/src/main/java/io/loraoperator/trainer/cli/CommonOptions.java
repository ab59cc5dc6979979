package io.loraoperator.trainer.cli;

import picocli.CommandLine.Option;

/** Options of every command. */
final class CommonOptions {

  @Option(names = "--json", description = "Print the result as JSON on stdout.")
  boolean json;

  @Option(names = "--debug", description = "Print stack traces, too.")
  boolean debug;
}
