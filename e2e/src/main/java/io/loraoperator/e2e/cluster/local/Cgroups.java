package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.process.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A cluster's control group, the same name in every mounted hierarchy of version 1 and 2.
 *
 * <p>The node's programs are in its child {@code system}, the Pods in the kubelet's {@code
 * kubepods}.
 */
record Cgroups(String name) {
  private static final String SYSTEM = "system";
  private static final Duration EMPTY_LIMIT = Duration.ofSeconds(20);

  static Cgroups of(StateDirectory state) {
    return new Cgroups(state.kernelName());
  }

  private record Hierarchy(Path mountPoint, boolean unified) {}

  void create() {
    try {
      for (Hierarchy hierarchy : hierarchies()) {
        Path root = hierarchy.mountPoint().resolve(name);
        create(root, hierarchy);
        create(root.resolve(SYSTEM), hierarchy);
      }
    } catch (IOException failure) {
      throw new ClusterException("Cannot make the control group " + name, failure);
    }
  }

  /** Moves a process into the group of the node's programs; what it starts later is in it too. */
  void join(NodeProcess process) {
    for (Hierarchy hierarchy : hierarchies()) {
      Path file = hierarchy.mountPoint().resolve(name).resolve(SYSTEM).resolve("cgroup.procs");
      try {
        Files.writeString(file, Long.toString(process.pid()));
      } catch (IOException failure) {
        throw new ClusterException("Cannot move process " + process.pid() + " to " + file, failure);
      }
    }
  }

  /** Removes every group, which must be empty of processes by now or soon. */
  void delete() {
    Await.until(
        EMPTY_LIMIT,
        () -> groups().stream().sorted(Comparator.reverseOrder()).allMatch(Cgroups::remove),
        () -> "Processes are left in control groups: " + processes());
  }

  /** All groups of this cluster, parents before children. */
  List<Path> groups() {
    List<Path> found = new ArrayList<>();
    for (Hierarchy hierarchy : hierarchies()) {
      Path root = hierarchy.mountPoint().resolve(name);
      if (Files.isDirectory(root)) {
        try (Stream<Path> tree = Files.walk(root)) {
          tree.filter(Files::isDirectory).forEach(found::add);
        } catch (IOException | UncheckedIOException changed) {
          // A group vanished while it was being read: the root alone makes the caller look again.
          found.add(root);
        }
      }
    }
    return found;
  }

  /** The ids of the processes in the groups, each once. */
  List<Long> processes() {
    return groups().stream()
        .flatMap(group -> lines(group.resolve("cgroup.procs")))
        .map(Long::valueOf)
        .distinct()
        .toList();
  }

  private static boolean remove(Path group) {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (IOException busy) {
      return false;
    }
  }

  private static void create(Path group, Hierarchy hierarchy) throws IOException {
    Files.createDirectories(group);
    if (hierarchy.unified()) {
      enableControllers(group);
    } else {
      // A new cpuset is empty, and an empty one takes no process.
      for (String setting : List.of("cpuset.cpus", "cpuset.mems")) {
        Path file = group.resolve(setting);
        if (Files.exists(file)) {
          Files.writeString(file, Files.readString(group.resolveSibling(setting)));
        }
      }
    }
  }

  /** Lets the new group use what its parent may; a parent with processes of its own refuses. */
  private static void enableControllers(Path group) throws IOException {
    Path parent = group.resolveSibling(".").normalize();
    for (String controller :
        Files.readString(parent.resolve("cgroup.controllers")).strip().split(" ", -1)) {
      if (!controller.isEmpty()) {
        Files.writeString(parent.resolve("cgroup.subtree_control"), "+" + controller);
      }
    }
  }

  private static List<Hierarchy> hierarchies() {
    return lines(Path.of("/proc/self/mounts"))
        .map(line -> line.split(" ", -1))
        .filter(mount -> mount[2].equals("cgroup") || mount[2].equals("cgroup2"))
        .filter(mount -> mount[1].startsWith("/sys/fs/cgroup"))
        .map(mount -> new Hierarchy(Path.of(mount[1]), mount[2].equals("cgroup2")))
        .toList();
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException gone) {
      return Stream.empty();
    }
  }
}
