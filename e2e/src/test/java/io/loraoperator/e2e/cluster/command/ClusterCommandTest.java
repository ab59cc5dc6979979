package io.loraoperator.e2e.cluster.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.e2e.cluster.CacheDirectory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ClusterCommandTest {
  @TempDir private Path cache;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void helpNamesEveryCommand() {
    assertThat(execute("--help")).isZero();
    assertThat(out.toString()).contains("up ", "down ", "status ", "import ");
  }

  @Test
  void unknownOptionIsAUsageError() {
    assertThat(execute("up", "--gpu", "4")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("--gpu");
  }

  @Test
  void statusOfNoClusterSaysSoByItsExitCode() {
    assertThat(execute("status")).isEqualTo(1);
    assertThat(out.toString()).contains("cluster local is not running");
  }

  @Test
  void badNameIsRefusedWithoutStackTrace() {
    assertThat(execute("down", "--name", "Not_A_Name")).isEqualTo(1);
    assertThat(err.toString()).contains("Cluster name 'Not_A_Name'").doesNotContain("\tat ");
  }

  private int execute(String... arguments) {
    return ClusterCommand.commandLine(Map.of(CacheDirectory.VARIABLE, cache.toString()))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
