package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.CacheDirectory;
import io.loraoperator.e2e.cluster.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Looks for whatever is on this machine because of one cluster. */
public final class LeftBehind {
  private final StateDirectory state;

  LeftBehind(StateDirectory state) {
    this.state = state;
  }

  /** Of the cluster of that name, running or not. */
  public static LeftBehind of(CacheDirectory cache, String clusterName) {
    return new LeftBehind(StateDirectory.of(cache, clusterName));
  }

  /** One line for each process, mount, interface, firewall rule, control group and file. */
  public List<String> list() {
    List<String> found = new ArrayList<>();
    processes().forEach(pid -> found.add("process " + pid + " " + program(pid)));
    mounts().forEach(mount -> found.add("mount " + mount));
    if (NodeLink.exists(state)) {
      found.add("network interface " + state.kernelName());
    }
    firewallRules().forEach(rule -> found.add("iptables rule " + rule));
    Cgroups.of(state).groups().forEach(group -> found.add("control group " + group));
    if (Files.exists(state.root())) {
      found.add("files " + state.root());
    }
    return found;
  }

  /** Processes by the marker in their environment, and all others in the cluster's groups. */
  List<Long> processes() {
    TreeSet<Long> found = new TreeSet<>(Cgroups.of(state).processes());
    String marker = NodeNamespaces.MARKER + "=" + state.root() + "\0";
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      processes
          .filter(process -> process.getFileName().toString().matches("[0-9]+"))
          .filter(process -> ("\0" + read(process.resolve("environ"))).contains("\0" + marker))
          .forEach(process -> found.add(Long.valueOf(process.getFileName().toString())));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read /proc", failure);
    }
    return List.copyOf(found);
  }

  /** Mount points of this machine's own mount namespace that are or use files of the cluster. */
  List<String> mounts() {
    return read(Path.of("/proc/self/mountinfo"))
        .lines()
        .filter(line -> line.contains(state.root() + "/"))
        .toList();
  }

  private List<String> firewallRules() {
    Command.Result rules =
        Command.attempt(List.of("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin iptables-save"));
    return rules.output().lines().filter(line -> line.contains(state.kernelName())).toList();
  }

  private static String program(long pid) {
    return read(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ').strip();
  }

  /** The file's text; empty if the process it tells about has ended. */
  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException ended) {
      return "";
    }
  }
}
