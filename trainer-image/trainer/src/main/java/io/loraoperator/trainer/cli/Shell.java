package io.loraoperator.trainer.cli;

import com.sun.management.OperatingSystemMXBean;
import io.loraoperator.trainer.run.Surroundings;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * The process' edges, handed to the commands, so that tests can be one.
 *
 * @param terminal whether stderr is a terminal
 * @param processors what the machine offers to this process
 * @param memory bytes that this process may take: the container's limit, or what the machine has
 */
public record Shell(
    PrintStream out,
    PrintStream err,
    boolean terminal,
    Map<String, String> variables,
    int processors,
    long memory,
    Clock clock) {

  /** This process. */
  public static Shell ofProcess() {
    Map<String, String> variables = System.getenv();
    // This answers for stdin and stdout together; a pipe on either means no terminal.
    boolean terminal =
        Optional.ofNullable(System.console()).map(java.io.Console::isTerminal).orElse(false)
            && !variables.containsKey("NO_COLOR")
            && !"dumb".equals(variables.get("TERM"));
    return new Shell(
        System.out,
        System.err,
        terminal,
        variables,
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize(),
        Clock.systemUTC());
  }

  /** Surroundings outside a Pod. */
  Surroundings local() {
    return new Surroundings(variables, memory, null);
  }
}
