package io.loraoperator.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Folders of files, without folders in them. */
final class Folders {

  private Folders() {}

  /** What the folder holds, sorted by name. */
  static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw CheckpointException.io(folder, "listing", e);
    }
  }

  /** Deletes a folder, if it is there, and its files: {@code first} before all others. */
  static void delete(Path folder, String first) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try {
      Files.deleteIfExists(folder.resolve(first));
      for (Path file : list(folder)) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw CheckpointException.io(folder, "deleting", e);
    }
  }
}
