package io.loraoperator.image;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Unpacks layers that {@link LayerWriter} wrote, with their links, times and executable bits. */
final class LayerReader {
  private static final int EXECUTABLE = 0100;

  private LayerReader() {}

  /** Unpacks a layer over what is in the folder. */
  static void unpack(Layer layer, Path folder) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(layer.file()), 1 << 16);
        ZstdInputStream zstd = new ZstdInputStream(in);
        TarArchiveInputStream tar = new TarArchiveInputStream(zstd)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path path = folder.resolve(entry.getName()).normalize();
        if (!path.startsWith(folder)) {
          throw new IOException(
              layer.file() + " has an entry outside its root: " + entry.getName());
        }
        unpack(entry, tar, path);
      }
    }
  }

  private static void unpack(TarArchiveEntry entry, InputStream content, Path path)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Path parent = path.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
      return;
    }
    Files.copy(content, path);
    if ((entry.getMode() & EXECUTABLE) != 0 && !path.toFile().setExecutable(true, false)) {
      throw new IOException(path + " cannot be made executable");
    }
    Files.setLastModifiedTime(path, FileTime.from(entry.getLastModifiedTime().toInstant()));
  }
}
