package io.loraoperator.trainer.storage;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A place for files with keys: a folder, or a prefix in a bucket. Every method throws {@link
 * StorageException}; transient failures have been retried by then.
 */
public interface Storage extends AutoCloseable {

  /** The address of a key, for people and for the status. */
  String uri(String key);

  /** The folder of this machine that it is; empty if files travel to get there. */
  Optional<Path> folder();

  /** All files whose keys start so, in the order of their keys. */
  List<StoredFile> list(String prefix);

  /** Copies a file here; the target appears whole or not at all. */
  void download(StoredFile file, Path target);

  /** The text of a small file; empty if there is none. */
  Optional<String> readText(String key);

  /** Copies a file there, verified by a checksum; it appears whole or not at all. */
  void upload(Path file, String key);

  /** Removes a file; none there is no error. */
  void delete(String key);

  @Override
  void close();
}
