package io.loraoperator.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Writes a file so that its name only ever shows the old content or the whole new one. */
final class AtomicFile {

  /** Writes the content to a channel that is positioned at the start of an empty file. */
  interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  private static final AtomicLong SERIAL = new AtomicLong();

  private AtomicFile() {}

  static void write(Path file, byte[] content) {
    write(file, channel -> writeFully(channel, ByteBuffer.wrap(content)));
  }

  /**
   * Temporary sibling, flushed to the disk, renamed over the target; then the folder is flushed.
   */
  static void write(Path file, Content content) {
    Path target = file.toAbsolutePath();
    Path temporary =
        target.resolveSibling(
            ".%s.%d-%d.tmp"
                .formatted(
                    target.getFileName(), ProcessHandle.current().pid(), SERIAL.incrementAndGet()));
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      flushFolder(Objects.requireNonNull(target.getParent(), "a file has a folder"));
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw CheckpointException.io(file, "writing", e);
    }
  }

  /** Makes a rename inside the folder survive a power cut. */
  static void flushFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
