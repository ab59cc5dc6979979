package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.process.Await;
import io.loraoperator.e2e.cluster.process.Command;
import io.loraoperator.e2e.cluster.process.LogFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node's Linux namespaces: network, mount, process, host name and System V IPC.
 *
 * <p>They live as long as their first process, {@code pause}. When that one is killed the kernel
 * kills every other process in them, and mounts, interfaces and iptables rules go with the last:
 * nothing of a node can be forgotten.
 *
 * @param init the namespaces' first process
 */
record NodeNamespaces(NodeProcess init) {
  /** Every process that a cluster starts has the cluster's state folder in this variable. */
  static final String MARKER = "LORA_OPERATOR_NODE_OF";

  private static final Duration START_LIMIT = Duration.ofSeconds(10);

  /**
   * Makes the namespaces.
   *
   * @param binaries the folder of binaries, seen by the node as {@code /run/binaries}
   * @param pause the pause program's path below it
   */
  static NodeNamespaces create(StateDirectory state, Path binaries, Path pause, String hostName) {
    List<String> command =
        List.of(
            "setsid",
            "unshare",
            "--net",
            "--mount",
            "--pid",
            "--uts",
            "--ipc",
            "--fork",
            "--mount-proc",
            "--propagation",
            "private",
            "sh",
            "-c",
            Template.text("node-init.sh"),
            "node-init",
            state.node().toString(),
            binaries.toString(),
            pause.toString(),
            hostName);
    Path log = state.log("node");
    NodeProcess init =
        startAndFindChild("node", command, Map.of(MARKER, state.root().toString()), log);
    init.write(state.processFile("node"));
    NodeNamespaces node = new NodeNamespaces(init);
    Await.until(
        START_LIMIT,
        () -> !init.alive() || Files.exists(node.fileSystem().resolve("run/ready")),
        () -> "The node's namespaces did not get ready:\n" + LogFile.tail(log));
    if (!init.alive()) {
      throw new ClusterException("Cannot make the node's namespaces:\n" + LogFile.tail(log));
    }
    return node;
  }

  /** The running node of that state, if any. */
  static Optional<NodeNamespaces> find(StateDirectory state) {
    return NodeProcess.read(state.processFile("node"))
        .filter(NodeProcess::alive)
        .map(NodeNamespaces::new);
  }

  /** The node's file system as this machine can read it. */
  Path fileSystem() {
    return Path.of("/proc/" + init.pid() + "/root");
  }

  /** Starts a program in the node that outlives this JVM; its output goes to the end of the log. */
  NodeProcess start(List<String> program, Map<String, String> environment, Path log) {
    List<String> command = new ArrayList<>(List.of("setsid"));
    command.addAll(enter(program));
    return startAndFindChild(fileName(program.getFirst()), command, environment, log);
  }

  /** Runs a program in the node to its end; fails with its output unless it exits with 0. */
  String run(String... program) {
    return Command.run(enter(List.of(program)));
  }

  /** Runs a program in the node whose failure is an answer too. */
  Command.Result attempt(List<String> program) {
    return Command.attempt(enter(program));
  }

  /** As {@link #run}, with a file of this machine as standard input. */
  String run(Path input, List<String> program) {
    return Command.run(enter(program), input);
  }

  private List<String> enter(List<String> program) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "nsenter",
                "--target",
                Long.toString(init.pid()),
                "--net",
                "--mount",
                "--pid",
                "--uts",
                "--ipc",
                "--"));
    command.addAll(program);
    return command;
  }

  /** Both unshare and nsenter fork to enter a process namespace and wait; the child is meant. */
  private static NodeProcess startAndFindChild(
      String name, List<String> command, Map<String, String> environment, Path log) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(Redirect.appendTo(log.toFile()));
    // Proxies, credentials and the like of whoever calls are no part of a cluster.
    builder.environment().clear();
    builder
        .environment()
        .put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().putAll(environment);
    try {
      Process parent = builder.start();
      Await.until(
          START_LIMIT,
          () -> !parent.isAlive() || parent.children().findAny().isPresent(),
          () -> name + " did not start");
      return parent
          .children()
          .findAny()
          .flatMap(child -> NodeProcess.running(child.pid()))
          .orElseThrow(() -> new ClusterException(ended(name, log)));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot run " + command.getFirst(), failure);
    }
  }

  /** What to say of a program that should be running and is not. */
  static String ended(String name, Path log) {
    return "%s ended; the end of %s:\n%s".formatted(name, log, LogFile.tail(log));
  }

  private static String fileName(String program) {
    return program.substring(program.lastIndexOf('/') + 1);
  }
}
