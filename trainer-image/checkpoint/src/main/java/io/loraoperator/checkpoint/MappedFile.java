package io.loraoperator.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A whole file mapped read-only, of any size; unmapped by {@link #close}. */
record MappedFile(Path path, Arena arena, MemorySegment bytes) implements AutoCloseable {

  @SuppressWarnings("MustBeClosedChecker") // this record owns the arena and closes it
  static MappedFile open(Path path) {
    if (!Files.isRegularFile(path)) {
      throw CheckpointException.notFound(
          path, "no such file", "Check the path; a model's files must all be in its folder.");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment bytes =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena).asReadOnly();
      return new MappedFile(path, arena, bytes);
    } catch (IOException e) {
      arena.close();
      throw CheckpointException.io(path, "reading", e);
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
