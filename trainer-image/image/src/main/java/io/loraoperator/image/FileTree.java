package io.loraoperator.image;

import io.loraoperator.image.TreeEntry.Content;
import io.loraoperator.image.TreeEntry.File;
import io.loraoperator.image.TreeEntry.Folder;
import io.loraoperator.image.TreeEntry.Link;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A file system in the making: paths relative to the root ({@code usr/lib/libc.so}) in byte order,
 * so that the same content gives the same tar.
 */
public final class FileTree {
  private static final int EXECUTABLE_BITS = 0111;

  private final NavigableMap<String, TreeEntry> entries = new TreeMap<>();

  /** All entries by path; parents come before their children. */
  public Map<String, TreeEntry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** Adds a folder with this mode; a parent added implicitly before takes the mode given here. */
  public FileTree folder(String path, int mode) {
    put(path, new Folder(mode));
    return this;
  }

  /** Adds a file that all may read. */
  public FileTree file(String path, Content content) {
    return file(path, 0644, content);
  }

  /** Adds a file with this mode. */
  public FileTree file(String path, int mode, Content content) {
    put(path, new File(mode, content));
    return this;
  }

  /** Adds a small text file. */
  public FileTree text(String path, String text) {
    return file(path, Content.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Adds a symbolic link. */
  public FileTree link(String path, String target) {
    put(path, new Link(target));
    return this;
  }

  /** Adds everything below a folder of this machine, links as links. */
  public FileTree copyOf(Path folder, String below) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) walk::iterator) {
        String relative = folder.relativize(path).toString().replace('\\', '/');
        String name = relative.isEmpty() ? below : below + "/" + relative;
        if (Files.isSymbolicLink(path)) {
          link(name, Files.readSymbolicLink(path).toString());
        } else if (Files.isDirectory(path)) {
          folder(name, 0755);
        } else {
          int mode = Files.isExecutable(path) ? 0644 | EXECUTABLE_BITS : 0644;
          file(name, mode, Content.of(path));
        }
      }
    }
    return this;
  }

  private void put(String path, TreeEntry entry) {
    String name = normalized(path);
    for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
      entries.putIfAbsent(name.substring(0, slash), new Folder(0755));
    }
    entries.put(name, entry);
  }

  private static String normalized(String path) {
    String name = path;
    while (name.startsWith("./") || name.startsWith("/")) {
      name = name.substring(name.startsWith("/") ? 1 : 2);
    }
    if (name.endsWith("/")) {
      name = name.substring(0, name.length() - 1);
    }
    if (name.isEmpty() || Stream.of(name.split("/", -1)).anyMatch(FileTree::leavesTheTree)) {
      throw new IllegalArgumentException("not a path inside an image: '" + path + "'");
    }
    return name;
  }

  private static boolean leavesTheTree(String segment) {
    return segment.isEmpty() || segment.equals(".") || segment.equals("..");
  }
}
