package io.loraoperator.e2e.quickstart;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.S3Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The example's manifest, pointed at the cluster's own object store where that is another one. */
final class Manifest {
  private static final String EXAMPLE_ENDPOINT = "http://minio.minio:9000";

  private Manifest() {}

  static LoraFineTune read(Path file, S3Endpoint s3) {
    try {
      String yaml = Files.readString(file).replace(EXAMPLE_ENDPOINT, s3.clusterUrl());
      return Serialization.unmarshal(yaml, LoraFineTune.class);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
