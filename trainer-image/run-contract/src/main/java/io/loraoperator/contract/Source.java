package io.loraoperator.contract;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a model, a data set or an adapter comes from, or where results go. */
public sealed interface Source {

  /**
   * Objects in S3 or in anything that speaks its protocol.
   *
   * @param uri {@code s3://bucket/key}, or a prefix
   * @param secretName the Secret with {@code accessKeyId} and {@code secretAccessKey}; null for
   *     workload identity or anonymous access
   * @param endpoint null for AWS
   * @param region null if the service does not tell regions apart
   * @param caConfigMapName the ConfigMap whose {@code ca.crt} signs the endpoint's certificate
   */
  record S3(
      String uri,
      @Nullable String secretName,
      @Nullable String endpoint,
      @Nullable String region,
      @Nullable String caConfigMapName)
      implements Source {}

  /**
   * A file or folder on a volume.
   *
   * @param path inside the volume; empty for its root
   */
  record PersistentVolumeClaim(String claimName, String path) implements Source {}

  /** A key of a ConfigMap: small data sets. */
  record ConfigMap(String name, String key) implements Source {}

  /**
   * A repository on the Hugging Face hub: a model, an adapter or a data set.
   *
   * @param repository {@code owner/name}
   * @param revision commit, tag or branch; null for {@code main}
   * @param config configuration of a data set; null for its default
   * @param split of a data set; null for {@code train}
   * @param tokenSecretName the Secret whose {@code token} may read it; null for anybody's
   * @param endpoint of a mirror; null for the hub itself
   */
  record HuggingFace(
      String repository,
      @Nullable String revision,
      @Nullable String config,
      @Nullable String split,
      @Nullable String tokenSecretName,
      @Nullable String endpoint)
      implements Source {}

  /** An OCI image whose files are the model's, mounted as a volume. */
  record Image(String reference) implements Source {}

  /** A file or folder of this machine, given on the command line instead of the manifest's. */
  record Local(Path path) implements Source {}
}
