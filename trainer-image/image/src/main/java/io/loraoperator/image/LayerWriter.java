package io.loraoperator.image;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes a {@link FileTree} as a compressed tar whose bytes depend on nothing but the tree: entries
 * in byte order, owner root, one fixed time, no user names. Symbolic links stay links.
 */
final class LayerWriter {
  /** The time of every file and of every image: that of the project's reproducible jars. */
  static final Instant TIMESTAMP = Instant.parse("2026-01-01T00:00:00Z");

  /** On libtorch 12 is 1 % smaller and takes twice the time; 3 is 13 % larger. */
  private static final int COMPRESSION_LEVEL = 9;

  private LayerWriter() {}

  /** Writes the layer's file and returns what a manifest says of it. */
  static Layer write(String name, FileTree tree, Path file, List<Component> components)
      throws IOException {
    MessageDigest compressed = Digests.sha256();
    MessageDigest plain = Digests.sha256();
    long uncompressedSize;
    try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), compressed);
        OutputStream buffered = new BufferedOutputStream(out, 1 << 16);
        ZstdOutputStream zstd = new ZstdOutputStream(buffered, COMPRESSION_LEVEL)) {
      CountingOutputStream counted = new CountingOutputStream(new DigestOutputStream(zstd, plain));
      writeTar(tree, counted);
      uncompressedSize = counted.count;
    }
    return new Layer(
        name,
        file,
        "sha256:" + Digests.hex(compressed),
        "sha256:" + Digests.hex(plain),
        Files.size(file),
        uncompressedSize,
        components);
  }

  /** Writes the plain tar and leaves the stream open. */
  static void writeTar(FileTree tree, OutputStream out) throws IOException {
    TarArchiveOutputStream tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    for (Map.Entry<String, TreeEntry> entry : tree.entries().entrySet()) {
      writeEntry(tar, entry.getKey(), entry.getValue());
    }
    tar.finish();
    tar.flush();
  }

  private static void writeEntry(TarArchiveOutputStream tar, String path, TreeEntry entry)
      throws IOException {
    TarArchiveEntry header =
        switch (entry) {
          case TreeEntry.Folder _ -> new TarArchiveEntry(path + "/");
          case TreeEntry.Link link -> linkHeader(path, link);
          case TreeEntry.File file -> fileHeader(path, file);
        };
    header.setMode(entry.mode());
    header.setIds(0, 0);
    header.setNames("", "");
    header.setModTime(TIMESTAMP.toEpochMilli());
    tar.putArchiveEntry(header);
    if (entry instanceof TreeEntry.File file) {
      try (InputStream in = file.content().open()) {
        in.transferTo(tar);
      }
    }
    tar.closeArchiveEntry();
  }

  private static TarArchiveEntry linkHeader(String path, TreeEntry.Link link) {
    TarArchiveEntry header = new TarArchiveEntry(path, TarConstants.LF_SYMLINK);
    header.setLinkName(link.target());
    return header;
  }

  private static TarArchiveEntry fileHeader(String path, TreeEntry.File file) throws IOException {
    TarArchiveEntry header = new TarArchiveEntry(path);
    header.setSize(file.content().size());
    return header;
  }

  private static final class CountingOutputStream extends FilterOutputStream {
    private long count;

    CountingOutputStream(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      count += length;
    }
  }
}
