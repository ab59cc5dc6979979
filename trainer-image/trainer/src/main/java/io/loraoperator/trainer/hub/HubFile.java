package io.loraoperator.trainer.hub;

import org.jspecify.annotations.Nullable;

/**
 * A file of a repository.
 *
 * @param path in the repository, with slashes
 * @param bytes its size; negative if the listing does not say
 * @param digest of its content; null if the listing does not say
 */
public record HubFile(String path, long bytes, @Nullable HubDigest digest) {

  /** The part of the path after the last slash. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Whether it lies in no folder. */
  boolean atTop() {
    return path.indexOf('/') < 0;
  }
}
