package io.loraoperator.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes training checkpoints into folders named by their step. */
public final class CheckpointWriter {

  private CheckpointWriter() {}

  /**
   * Writes a checkpoint. The folder appears by a rename when every file is flushed to the disk and
   * the manifest is in it; one of the same step is replaced.
   *
   * @param root folder of the run's checkpoints; made if missing
   * @return the checkpoint's manifest; its folder is {@code root/step-NNNNNN}
   * @throws CheckpointException if the file system fails
   */
  public static CheckpointManifest write(
      Path root,
      TrainingCheckpoint checkpoint,
      String uid,
      String specHash,
      long step,
      Instant time) {
    Path folder = root.resolve(CheckpointManifest.folderName(step));
    Path staging = root.resolve("." + CheckpointManifest.folderName(step) + ".partial");
    Folders.delete(staging, CheckpointManifest.FILE);
    try {
      Files.createDirectories(staging);
      CheckpointManifest manifest = fill(staging, checkpoint, uid, specHash, step, time);
      Folders.delete(folder, CheckpointManifest.FILE);
      Files.move(staging, folder, StandardCopyOption.ATOMIC_MOVE);
      AtomicFile.flushFolder(root);
      return manifest;
    } catch (IOException e) {
      throw CheckpointException.io(folder, "writing the checkpoint", e);
    } finally {
      // Half a checkpoint on a full disk would be in the way of the next one.
      Folders.delete(staging, CheckpointManifest.FILE);
    }
  }

  private static CheckpointManifest fill(
      Path staging,
      TrainingCheckpoint checkpoint,
      String uid,
      String specHash,
      long step,
      Instant time)
      throws IOException {
    PeftAdapter.write(staging, checkpoint.adapter().config(), checkpoint.adapter().tensors());
    SafetensorsWriter.write(
        staging.resolve(TrainingCheckpoint.OPTIMIZER_FILE), checkpoint.optimizer(), Map.of());
    AtomicFile.write(
        staging.resolve(TrainingCheckpoint.STATE_FILE),
        JsonFiles.pretty(checkpoint.trainerState()));
    List<String> names = new ArrayList<>(TrainingCheckpoint.FILES);
    if (!checkpoint.best().isEmpty()) {
      SafetensorsWriter.write(
          staging.resolve(TrainingCheckpoint.BEST_FILE), checkpoint.best(), Map.of());
      names.add(TrainingCheckpoint.BEST_FILE);
    }
    Map<String, CheckpointManifest.File> files = new TreeMap<>();
    for (String name : names) {
      Path file = staging.resolve(name);
      files.put(name, new CheckpointManifest.File(Files.size(file), FileDigest.sha256(file)));
    }
    CheckpointManifest manifest = new CheckpointManifest(uid, specHash, step, time, files);
    AtomicFile.write(staging.resolve(CheckpointManifest.FILE), manifest.toJson());
    return manifest;
  }

  /**
   * Deletes a checkpoint, its manifest first, so that what a crash leaves is never taken for whole.
   *
   * @throws CheckpointException if the file system fails
   */
  public static void deleteCheckpoint(Path folder) {
    Folders.delete(folder, CheckpointManifest.FILE);
  }
}
