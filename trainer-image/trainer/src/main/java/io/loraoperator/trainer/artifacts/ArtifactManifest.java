package io.loraoperator.trainer.artifacts;

import java.util.Map;
import java.util.TreeMap;

/**
 * {@code manifest.json}: every file of the results with its SHA-256, and where they come from.
 * Written last: with it the results are complete.
 */
public record ArtifactManifest(
    int schemaVersion, Provenance provenance, Map<String, FileEntry> files) {

  /** The file's name. */
  public static final String FILE = "manifest.json";

  /** The version of this document's form. */
  public static final int SCHEMA_VERSION = 1;

  public ArtifactManifest {
    files = new TreeMap<>(files);
  }
}
