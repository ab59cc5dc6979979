package io.loraoperator.e2e.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.e2e.cluster.process.Await;
import io.loraoperator.e2e.cluster.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A process of a Pod, seen from the machine whose namespaces hold the node. Signals come from
 * outside of Kubernetes, as from a kernel or a crash.
 *
 * @param pid on this machine
 */
record PodProcess(long pid) {
  private static final Path PROC = Path.of("/proc");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** The trainer of a namespace. */
  static PodProcess trainer(String namespace) {
    return await(
        "trainer of " + namespace,
        pid ->
            command(pid).contains("io.loraoperator.trainer.LoraTrainer")
                && json(pid, "etc/lora/run/attempt.json")
                    .path("namespace")
                    .asText()
                    .equals(namespace));
  }

  /** The reporter of a namespace. */
  static PodProcess reporter(String namespace) {
    return await(
        "reporter of " + namespace,
        pid ->
            command(pid).contains("io.loraoperator.reporter.Reporter")
                && read(pid, "environ").contains("LORA_NAMESPACE=" + namespace + "\0"));
  }

  /** The operator. */
  static PodProcess operator() {
    return await("operator", pid -> command(pid).contains("/quarkus-run.jar"));
  }

  /** Packets from the Pod to an address vanish. */
  void loseRoute(String address) {
    route("add", address);
  }

  /** They arrive again. */
  void findRoute(String address) {
    route("delete", address);
  }

  private void route(String what, String address) {
    Command.run(
        List.of(
            "nsenter",
            "--net=/proc/%d/ns/net".formatted(pid),
            "ip",
            "route",
            what,
            "blackhole",
            address + "/32"));
  }

  /** The step that the trainer has written into its progress file, which is every step it logs. */
  int step() {
    return json(pid, "var/run/lora/progress/progress.json").path("step").asInt();
  }

  /** Waits until the trainer has done a step, and returns the step it has done by then. */
  int awaitStep(int wanted) {
    Await.until(
        FineTune.PATIENCE,
        () -> !Files.exists(PROC.resolve(String.valueOf(pid))) || step() >= wanted,
        () -> "process %d is at step %d, not %d".formatted(pid, step(), wanted));
    return step();
  }

  void kill() {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  void terminate() {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
  }

  /**
   * Fills what the container may take of memory from outside, so that the kernel kills for lack of
   * it: the process of the Pod first, since it is the one to be sacrificed.
   */
  void exhaustMemory() {
    Path group = memoryGroup();
    Command.attempt(
        List.of(
            "sh",
            "-c",
            "ulimit -v 4194304 && echo $$ >'%s' && exec tail /dev/zero"
                .formatted(group.resolve("cgroup.procs"))));
  }

  private Path memoryGroup() {
    Path root = Path.of("/sys/fs/cgroup");
    return read(pid, "cgroup")
        .lines()
        .map(line -> line.split(":", 3))
        .filter(line ->
            line[1].equals("memory")
                || (line[1].isEmpty() && !Files.exists(root.resolve("memory"))))
        .map(line -> root.resolve(line[1]).resolve(line[2].substring(1)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("process " + pid + " is in no memory group"));
  }

  private interface Test {
    boolean holds(long pid);
  }

  private static PodProcess await(String what, Test test) {
    Await.until(PATIENCE, () -> !processes(test).isEmpty(), () -> "there is no " + what);
    return processes(test).getFirst();
  }

  private static List<PodProcess> processes(Test test) {
    try (Stream<Path> entries = Files.list(PROC)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .map(Long::parseLong)
          .filter(test::holds)
          .map(PodProcess::new)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String command(long pid) {
    return read(pid, "cmdline");
  }

  /** Processes come and go: what cannot be read is empty. */
  private static String read(long pid, String file) {
    try {
      return Files.readString(PROC.resolve(pid + "/" + file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static JsonNode json(long pid, String file) {
    try {
      return Optional.ofNullable(
              JSON.readTree(Files.readAllBytes(PROC.resolve(pid + "/root/" + file))))
          .orElseGet(JSON::missingNode);
    } catch (IOException e) {
      return JSON.missingNode();
    }
  }
}
