package io.loraoperator.trainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Temporary files of a process that may not live to delete them: DuckDB unpacks 69 MiB.
 *
 * @param path deleted with what is in it
 */
public record ProcessFolder(Path path) implements AutoCloseable {

  /** A new one, among the system's. */
  public static ProcessFolder create() throws IOException {
    return new ProcessFolder(Files.createTempDirectory("lora-process"));
  }

  /** What tells a Java process to use it. */
  public String option() {
    return "-Djava.io.tmpdir=" + path;
  }

  @Override
  public void close() {
    delete(path);
  }

  /** Deletes a folder that may not be there. */
  public static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
