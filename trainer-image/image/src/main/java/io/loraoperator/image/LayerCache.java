package io.loraoperator.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Objects;

/**
 * Finished layers by content key, kept between builds: a rebuild after a code change writes the
 * application's layer only. Entries appear by rename, so parallel builds never see a half of one.
 */
final class LayerCache {
  /** The code that decides over layers' bytes is part of every key: other code, other layers. */
  private static final List<Class<?>> CODE =
      List.of(
          ClassDataArchive.class,
          FileTree.class,
          JavaRuntime.class,
          LayerFactory.class,
          LayerWriter.class,
          NativeLibraries.class,
          RootFileSystem.class);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final String code;

  LayerCache(Path folder) throws IOException {
    this.folder = folder;
    this.code = codeDigest();
  }

  private static String codeDigest() throws IOException {
    MessageDigest digest = Digests.sha256();
    for (Class<?> type : CODE) {
      try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
        digest.update(Objects.requireNonNull(in, type.getName()).readAllBytes());
      }
    }
    return Digests.hex(digest);
  }

  /** What a layer is made of, made only when it is not cached. */
  interface Source {
    Content make() throws IOException, InterruptedException;
  }

  record Content(FileTree tree, List<Component> components) {}

  /** What the cache notes beside the layer's file. */
  private record Note(
      String digest, String diffId, long size, long uncompressedSize, List<Component> components) {}

  /** The cached layer of this key, or the one that {@code source} makes. */
  Layer layer(String name, String key, Source source) throws IOException, InterruptedException {
    String hash = Digests.sha256Hex(code + "\n" + name + "\n" + key);
    Path file = folder.resolve(name + "-" + hash.substring(0, 32) + ".tar.zst");
    Path note = folder.resolve(file.getFileName() + ".json");
    if (Files.exists(note) && Files.exists(file)) {
      return read(name, file, note);
    }
    Files.createDirectories(folder);
    Path staging = Files.createTempFile(folder, name, ".partial");
    try {
      Content content = source.make();
      Layer layer = LayerWriter.write(name, content.tree(), staging, content.components());
      Files.move(staging, file, StandardCopyOption.ATOMIC_MOVE);
      Files.writeString(staging, JSON.writeValueAsString(note(layer)));
      Files.move(staging, note, StandardCopyOption.ATOMIC_MOVE);
      return read(name, file, note);
    } finally {
      Files.deleteIfExists(staging);
    }
  }

  private static Layer read(String name, Path file, Path note) throws IOException {
    Note n = JSON.readValue(note.toFile(), Note.class);
    if (Files.size(file) != n.size()) {
      throw new IOException(
          file + " does not have the size noted beside it; delete it to have it built again");
    }
    return new Layer(
        name, file, n.digest(), n.diffId(), n.size(), n.uncompressedSize(), n.components());
  }

  private static Note note(Layer layer) {
    return new Note(
        layer.digest(), layer.diffId(), layer.size(), layer.uncompressedSize(), layer.components());
  }
}
