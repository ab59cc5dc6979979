package io.loraoperator.trainer.storage;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a store is reached.
 *
 * @param endpoint null for AWS
 * @param region null if it is not known, or if there are none
 * @param certificates PEM file of authorities to trust beside the platform's; null for none
 */
public record S3Access(
    Credentials credentials,
    @Nullable String endpoint,
    @Nullable String region,
    @Nullable Path certificates) {

  /** Who asks. */
  public sealed interface Credentials permits Keys, MountedKeys, Identity, Anonymous {}

  /** A pair of keys, and the token of a session if they belong to one. */
  public record Keys(String accessKeyId, String secretAccessKey, @Nullable String sessionToken)
      implements Credentials {
    /** Without the secret. */
    @Override
    public String toString() {
      return "keys " + accessKeyId;
    }
  }

  /**
   * A pair of keys that may be replaced while the process runs, as those of a mounted Secret are.
   *
   * @param newest is asked before every request
   */
  public record MountedKeys(Supplier<Keys> newest) implements Credentials {}

  /** The identity that the platform gives the workload. */
  public record Identity() implements Credentials {}

  /** Nobody: for public buckets. */
  public record Anonymous() implements Credentials {}
}
