package io.loraoperator.trainer.fuzz;

import io.loraoperator.checkpoint.CheckpointException;
import io.loraoperator.checkpoint.CheckpointManifest;
import java.io.IOException;

/** Manifests of checkpoints, which come back from a bucket. */
public final class ManifestFuzzer {

  private static final Bound BOUND =
      new Bound(Bound.FIXED_BYTES, Bound.FOUR_TIMES, CheckpointException.class::isInstance);

  private ManifestFuzzer() {}

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    BOUND.check(input.length, () -> CheckpointManifest.parse(input, "manifest.json"));
  }
}
