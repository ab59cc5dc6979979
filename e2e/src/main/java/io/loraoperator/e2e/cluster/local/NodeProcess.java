package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.process.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A process on this machine, told apart from a later one with the same id by its start time.
 *
 * @param pid the id as this machine sees it
 * @param startTicks field 22 of {@code /proc/<pid>/stat}: clock ticks after boot
 */
record NodeProcess(long pid, long startTicks) {
  private static final int START_TIME_AFTER_NAME = 19;

  /** The process recorded in the file, if the file exists. */
  static Optional<NodeProcess> read(Path file) {
    try {
      String[] fields = Files.readString(file).strip().split(" ", -1);
      return Optional.of(new NodeProcess(Long.parseLong(fields[0]), Long.parseLong(fields[1])));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + file, failure);
    }
  }

  void write(Path file) {
    try {
      Files.createDirectories(file.resolveSibling("."));
      Files.writeString(file, pid + " " + startTicks + "\n");
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write " + file, failure);
    }
  }

  boolean alive() {
    return running(pid).filter(this::equals).isPresent();
  }

  /** Asks the process to end, and kills it if it has not after the given time. */
  void stop(Duration patience) {
    signal(false);
    if (!Await.within(patience, () -> !alive())) {
      kill();
    }
  }

  void kill() {
    signal(true);
    Await.until(
        Duration.ofSeconds(20), () -> !alive(), () -> "Process " + pid + " survives being killed");
  }

  private void signal(boolean force) {
    if (alive()) {
      ProcessHandle.of(pid)
          .ifPresent(handle -> {
            if (force) {
              handle.destroyForcibly();
            } else {
              handle.destroy();
            }
          });
    }
  }

  /** The process of that id, unless there is none or it waits to be reaped. */
  static Optional<NodeProcess> running(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The second field is the program's name in parentheses, which may hold blanks itself.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return fields[0].equals("Z") || fields[0].equals("X")
          ? Optional.empty()
          : Optional.of(new NodeProcess(pid, Long.parseLong(fields[START_TIME_AFTER_NAME])));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
