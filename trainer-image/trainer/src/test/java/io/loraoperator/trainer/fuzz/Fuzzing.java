package io.loraoperator.trainer.fuzz;

import io.loraoperator.trainer.ProcessFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Jazzer, which mutates inputs by what they reach, in processes of its own. */
final class Fuzzing {

  /** A process begins anew after so many, with the corpus that those before it have found. */
  private static final int INPUTS_OF_A_PROCESS = 100_000;

  /** No input takes a second on an idle machine; a busy one may stall for several. */
  private static final int SECONDS_FOR_AN_INPUT = 20;

  private static final int LARGEST_INPUT = 16 << 10;

  /** The heap, and what libraries allocate beside it. */
  private static final String HEAP = "-Xmx512m";

  private static final int RESIDENT_MEBIBYTES = 1280;

  private static final Path SEEDS = Path.of("../parity/fuzz").toAbsolutePath().normalize();
  private static final Path FOLDER = Path.of("target/fuzz").toAbsolutePath();
  private static final Pattern DONE =
      Pattern.compile("#(\\d+)\\s+DONE\\s+cov: (\\d+) .*rss: (\\d+)Mb");

  private Fuzzing() {}

  /**
   * How it ended.
   *
   * @param inputs how many were read or refused
   * @param summary for people
   * @param fault the end of what the fuzzer said, or nothing if it found nothing
   */
  record Outcome(int inputs, String summary, String fault) {}

  static Outcome run(String target, Class<?> reader, int inputs, int seed)
      throws IOException, InterruptedException {
    Path folder = FOLDER.resolve(target);
    ProcessFolder.delete(folder);
    Files.createDirectories(folder.resolve("corpus"));
    long begin = System.nanoTime();
    int done = 0;
    int edges = 0;
    int resident = 0;
    for (int process = 0; done < inputs; process++) {
      int count = Math.min(INPUTS_OF_A_PROCESS, inputs - done);
      Path log = folder.resolve("log-" + process + ".txt");
      int exit;
      try (ProcessFolder temporary = ProcessFolder.create()) {
        exit =
            new ProcessBuilder(command(temporary, target, reader, count, seed + process))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
      }
      List<String> lines = Files.readAllLines(log);
      Matcher last = DONE.matcher(String.join("\n", lines));
      if (exit != 0 || !last.find()) {
        return new Outcome(
            done,
            "a fault, see " + log,
            "exit code %d\n%s".formatted(exit, String.join("\n", tail(lines))));
      }
      done += Integer.parseInt(last.group(1));
      edges = Integer.parseInt(last.group(2));
      resident = Math.max(resident, Integer.parseInt(last.group(3)));
    }
    return new Outcome(
        done,
        "%,d inputs of seed %d: no fault; %d edges reached, at most %d MiB resident; %d s"
            .formatted(done, seed, edges, resident, (System.nanoTime() - begin) / 1_000_000_000),
        "");
  }

  private static List<String> tail(List<String> lines) {
    return lines.stream()
        .filter(line -> !line.startsWith("INFO") && !line.startsWith("#"))
        .limit(60)
        .toList();
  }

  private static List<String> command(
      ProcessFolder temporary, String target, Class<?> reader, int count, int seed) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+EnableDynamicAgentLoading",
            "-XX:+UseSerialGC",
            HEAP,
            temporary.option(),
            "-Dlora.fuzz.seeds=" + SEEDS.resolve(target),
            "-cp",
            System.getProperty("java.class.path"),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + reader.getName(),
            "--instrumentation_includes=io.loraoperator.**",
            // It takes an argument for granted that prepared statements are not executed with.
            "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.SqlInjection",
            "-runs=" + count,
            "-seed=" + seed,
            "-max_len=" + LARGEST_INPUT,
            "-timeout=" + SECONDS_FOR_AN_INPUT,
            "-rss_limit_mb=" + RESIDENT_MEBIBYTES,
            "corpus",
            SEEDS.resolve(target).toString()));
    return command;
  }
}
