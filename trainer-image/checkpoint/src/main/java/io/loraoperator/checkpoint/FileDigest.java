package io.loraoperator.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 of files, streamed: a file of any size takes one small buffer. */
public final class FileDigest {

  private static final int BUFFER_BYTES = 1 << 18;

  private FileDigest() {}

  /** SHA-256 of one file's bytes, in lower-case hexadecimal. */
  public static String sha256(Path file) {
    MessageDigest digest = newSha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer view = ByteBuffer.wrap(buffer);
      while (channel.read(view.clear()) >= 0) {
        digest.update(buffer, 0, view.position());
      }
    } catch (IOException e) {
      throw CheckpointException.io(file, "reading", e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** SHA-256 of bytes in memory, in lower-case hexadecimal. */
  public static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(newSha256().digest(bytes));
  }

  /**
   * One digest for several files: that of the file if it is one, else the SHA-256 of the lines that
   * {@code sha256sum} prints for them ({@code <hex> <two spaces> <file name>}), sorted by name.
   */
  public static String sha256(List<Path> files) {
    if (files.size() == 1) {
      return sha256(files.getFirst());
    }
    StringBuilder lines = new StringBuilder();
    files.stream()
        .sorted(Comparator.comparing(f -> f.getFileName().toString()))
        .forEach(f -> lines.append(sha256(f)).append("  ").append(f.getFileName()).append('\n'));
    return sha256(lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
