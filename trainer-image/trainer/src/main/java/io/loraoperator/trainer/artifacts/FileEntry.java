package io.loraoperator.trainer.artifacts;

import io.loraoperator.checkpoint.FileDigest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file as a manifest lists it.
 *
 * @param sha256 in lower-case hexadecimal
 */
public record FileEntry(String sha256, long bytes) {

  /** What a manifest says of a file. */
  public static FileEntry of(Path file) {
    try {
      return new FileEntry(FileDigest.sha256(file), Files.size(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
