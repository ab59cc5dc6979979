package io.loraoperator.trainer.storage;

import io.loraoperator.checkpoint.FileDigest;
import io.loraoperator.trainer.storage.StorageException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A folder of this machine or of a mounted volume. */
public final class LocalStorage implements Storage {

  private final Path root;

  /** Files below a folder, which need not exist yet. */
  public LocalStorage(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public String uri(String key) {
    return root.resolve(key).toString();
  }

  @Override
  public Optional<Path> folder() {
    return Optional.of(root);
  }

  @Override
  public List<StoredFile> list(String prefix) {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> new StoredFile(key(file), size(file)))
          .filter(file -> file.key().startsWith(prefix))
          .sorted(Comparator.comparing(StoredFile::key))
          .toList();
    } catch (IOException e) {
      throw failure(root, e);
    }
  }

  @Override
  public void download(StoredFile file, Path target) {
    copy(root.resolve(file.key()), target);
  }

  @Override
  public Optional<String> readText(String key) {
    try {
      return Optional.of(Files.readString(root.resolve(key)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failure(root.resolve(key), e);
    }
  }

  @Override
  public void upload(Path file, String key) {
    Path target = root.resolve(key);
    if (file.toAbsolutePath().normalize().equals(target)) {
      return;
    }
    copy(file, target);
    if (!FileDigest.sha256(target).equals(FileDigest.sha256(file))) {
      throw new StorageException(
          Kind.UNAVAILABLE, target + ": what was written is not what is read back", null);
    }
  }

  @Override
  public void delete(String key) {
    Path file = root.resolve(key);
    try {
      if (!Files.deleteIfExists(file)) {
        return;
      }
      for (Path folder = file.getParent();
          folder != null && !folder.equals(root) && isEmpty(folder);
          folder = folder.getParent()) {
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  @Override
  public void close() {
    // A folder needs no closing.
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.findAny().isEmpty();
    }
  }

  private static void copy(Path from, Path to) {
    Path staging = to.resolveSibling("." + to.getFileName() + ".part");
    try {
      Files.createDirectories(to.toAbsolutePath().getParent());
      Files.copy(from, staging, StandardCopyOption.REPLACE_EXISTING);
      Files.move(staging, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failure(to, e);
    }
  }

  private String key(Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static StorageException failure(Path file, IOException cause) {
    Kind kind =
        switch (cause) {
          case AccessDeniedException denied -> Kind.ACCESS_DENIED;
          case NoSuchFileException missing -> Kind.NOT_FOUND;
          default -> Kind.UNAVAILABLE;
        };
    String problem =
        switch (kind) {
          case ACCESS_DENIED -> "this user may not use it";
          case NOT_FOUND -> "there is no such file or folder";
          case UNAVAILABLE -> String.valueOf(cause.getMessage());
        };
    return new StorageException(kind, file + ": " + problem, cause);
  }
}
