package io.loraoperator.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** One entry of an image's file system. Owner is always root and the time is always fixed. */
public sealed interface TreeEntry {

  /** Permission bits without the file type, such as {@code 0755}. */
  int mode();

  /** A folder. */
  record Folder(int mode) implements TreeEntry {}

  /** A regular file. */
  record File(int mode, Content content) implements TreeEntry {}

  /** A symbolic link; {@code target} is kept as it is, absolute or relative. */
  record Link(String target) implements TreeEntry {
    @Override
    public int mode() {
      return 0777;
    }
  }

  /** Bytes of a known length that can be read more than once. */
  interface Content {
    /** Length in bytes. */
    long size() throws IOException;

    InputStream open() throws IOException;

    static Content of(byte[] bytes) {
      return new Content() {
        @Override
        public long size() {
          return bytes.length;
        }

        @Override
        public InputStream open() {
          return new java.io.ByteArrayInputStream(bytes);
        }
      };
    }

    static Content of(Path file) {
      return new Content() {
        @Override
        public long size() throws IOException {
          return Files.size(file);
        }

        @Override
        public InputStream open() throws IOException {
          return Files.newInputStream(file);
        }
      };
    }
  }
}
