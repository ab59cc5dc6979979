package io.loraoperator.image;

import io.loraoperator.image.TreeEntry.Content;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Takes native libraries out of their jars, for one platform, when the image is built: the root
 * file system is read-only, and unpacking libtorch at every start would take ten seconds and 430 MB
 * of the Pod's memory-backed or ephemeral storage. The jar goes into the image without them.
 */
final class NativeLibraries {
  static final String FOLDER = JavaRuntime.HOME + "/native";

  /**
   * @param jarPrefix how the jar's file name begins
   * @param entryPrefix the entries of our platform
   * @param folder where they go; null: beside the jar, where DuckDB looks for its library
   */
  private record Rule(String jarPrefix, String entryPrefix, @Nullable String folder) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule("pytorch-native-cpu-", "pytorch/cpu/linux-x86_64/", FOLDER + "/torch"),
          new Rule("pytorch-jni-", "jnilib/linux-x86_64/cpu/", FOLDER + "/torch"),
          new Rule("tokenizers-", "native/lib/linux-x86_64/cpu/", FOLDER + "/tokenizers"),
          new Rule("duckdb_jdbc-", "libduckdb_java.so_linux_amd64", null));

  private static final Pattern LIBRARY = Pattern.compile(".*\\.(so|dylib|dll)([._].*)?");

  private NativeLibraries() {}

  /** Whether this jar's libraries are taken out. */
  static boolean appliesTo(Jar jar) {
    return rule(jar).isPresent();
  }

  /** Adds the jar without libraries to {@code jarFolder}, and our platform's libraries. */
  static void unpack(Jar jar, String jarFolder, FileTree tree) throws IOException {
    Rule rule = rule(jar).orElseThrow();
    boolean found = false;
    ByteArrayOutputStream slim = new ByteArrayOutputStream();
    try (ZipFile zip = new ZipFile(jar.file().toFile());
        ZipOutputStream out = new ZipOutputStream(slim)) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        String path = entry.getName();
        if (entry.isDirectory()) {
          continue;
        }
        if (!LIBRARY.matcher(path).matches()) {
          ZipEntry copy = new ZipEntry(path);
          copy.setTimeLocal(LocalDateTime.ofInstant(LayerWriter.TIMESTAMP, ZoneOffset.UTC));
          out.putNextEntry(copy);
          try (InputStream in = zip.getInputStream(entry)) {
            in.transferTo(out);
          }
          out.closeEntry();
        } else if (path.startsWith(rule.entryPrefix())) {
          found = true;
          String folder = rule.folder() == null ? jarFolder : rule.folder();
          String name = path.substring(path.lastIndexOf('/') + 1);
          tree.file(folder + "/" + name, entryOf(jar.file(), path, entry.getSize()));
        }
      }
    }
    if (!found) {
      throw new ImageBuildException(
          jar.name() + " has no library under " + rule.entryPrefix() + ": its layout has changed");
    }
    tree.file(jarFolder + "/" + jar.name(), Content.of(slim.toByteArray()));
  }

  private static Optional<Rule> rule(Jar jar) {
    return RULES.stream().filter(r -> jar.name().startsWith(r.jarPrefix())).findFirst();
  }

  private static Content entryOf(Path jar, String entry, long size) {
    return new Content() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public InputStream open() throws IOException {
        ZipFile zip = new ZipFile(jar.toFile());
        InputStream in = zip.getInputStream(zip.getEntry(entry));
        return new java.io.FilterInputStream(in) {
          @Override
          public void close() throws IOException {
            try (zip) {
              super.close();
            }
          }
        };
      }
    };
  }
}
