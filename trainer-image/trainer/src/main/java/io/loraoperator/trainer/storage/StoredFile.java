package io.loraoperator.trainer.storage;

/**
 * A file in a storage.
 *
 * @param key relative to the storage's root, with slashes
 */
public record StoredFile(String key, long bytes) {

  /** The part of the key after the last slash. */
  public String name() {
    return key.substring(key.lastIndexOf('/') + 1);
  }
}
