package io.loraoperator.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Reads training checkpoints, never one that is torn or altered. */
public final class CheckpointReader {

  private static final String REMEDY = "Delete this checkpoint; an older one is used instead.";

  private CheckpointReader() {}

  /**
   * Checks the manifest and every file's size and SHA-256.
   *
   * @throws CheckpointException if there is no manifest, or a file is missing or altered
   */
  public static CheckpointManifest verify(Path folder) {
    Path manifestFile = folder.resolve(CheckpointManifest.FILE);
    if (!Files.isRegularFile(manifestFile)) {
      throw new CheckpointException(
          CheckpointException.Kind.INVALID,
          folder.toString(),
          "is torn: it has no " + CheckpointManifest.FILE,
          REMEDY);
    }
    CheckpointManifest manifest =
        CheckpointManifest.parse(JsonFiles.readBytes(manifestFile), manifestFile.toString());
    for (Map.Entry<String, CheckpointManifest.File> entry : manifest.files().entrySet()) {
      verifyFile(folder.resolve(entry.getKey()), entry.getValue());
    }
    return manifest;
  }

  private static void verifyFile(Path file, CheckpointManifest.File expected) {
    if (!Files.isRegularFile(file)) {
      throw CheckpointException.invalid(
          file.toString(), "is missing, though the manifest lists it", REMEDY);
    }
    long size;
    try {
      size = Files.size(file);
    } catch (IOException e) {
      throw CheckpointException.io(file, "reading", e);
    }
    if (size != expected.size()) {
      throw CheckpointException.invalid(
          file.toString(),
          "has %d bytes, the manifest says %d".formatted(size, expected.size()),
          REMEDY);
    }
    if (!FileDigest.sha256(file).equals(expected.sha256())) {
      throw CheckpointException.invalid(
          file.toString(), "is altered: its SHA-256 is not the manifest's", REMEDY);
    }
  }

  /**
   * Verifies and reads a checkpoint; its tensors are copies in memory.
   *
   * @throws CheckpointException as {@link #verify}
   */
  public static TrainingCheckpoint read(Path folder) {
    CheckpointManifest manifest = verify(folder);
    return new TrainingCheckpoint(
        PeftAdapter.read(folder),
        SafetensorsReader.load(folder.resolve(TrainingCheckpoint.OPTIMIZER_FILE)),
        manifest.files().containsKey(TrainingCheckpoint.BEST_FILE)
            ? SafetensorsReader.load(folder.resolve(TrainingCheckpoint.BEST_FILE))
            : Map.of(),
        JsonFiles.readObject(folder.resolve(TrainingCheckpoint.STATE_FILE)));
  }
}
