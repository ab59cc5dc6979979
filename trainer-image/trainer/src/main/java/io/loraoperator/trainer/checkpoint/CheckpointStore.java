package io.loraoperator.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.loraoperator.checkpoint.CheckpointException;
import io.loraoperator.checkpoint.CheckpointManifest;
import io.loraoperator.checkpoint.CheckpointReader;
import io.loraoperator.checkpoint.CheckpointWriter;
import io.loraoperator.checkpoint.FileDigest;
import io.loraoperator.checkpoint.TrainingCheckpoint;
import io.loraoperator.contract.ProgressSnapshot;
import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.storage.Storage;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StoredFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The checkpoints of a run in its storage: {@code checkpoints/step-000100/}. A checkpoint counts
 * from the moment its manifest is there, which lists every file with its SHA-256.
 */
public final class CheckpointStore {

  private static final String FOLDER = "checkpoints/";

  private final Storage storage;
  private final RunIdentity run;
  private final Path work;
  private final Clock clock;
  private final Consumer<String> warn;

  /**
   * Checkpoints of one run.
   *
   * @param work a folder of this machine for copies
   * @param warn is told of checkpoints that cannot be used
   */
  public CheckpointStore(
      Storage storage, RunIdentity run, Path work, Clock clock, Consumer<String> warn) {
    this.storage = storage;
    this.run = run;
    this.work = work;
    this.clock = clock;
    this.warn = warn;
  }

  /** A checkpoint that was found whole. */
  public record Found(
      TrainingCheckpoint tensors, CheckpointState state, ProgressSnapshot.Checkpoint reference) {}

  /**
   * Fetches the newest checkpoint that is whole; torn or altered ones are passed over and told.
   *
   * @throws RunFailure if there are checkpoints of another run
   */
  public Optional<Found> newest() {
    for (Map.Entry<Long, String> entry : folders().descendingMap().entrySet()) {
      String folder = entry.getValue();
      try {
        Optional<Found> found = fetch(folder);
        if (found.isPresent()) {
          return found;
        }
      } catch (CheckpointException e) {
        passOver(folder, e.problem());
      } catch (JsonProcessingException e) {
        passOver(folder, "its state cannot be read");
      } catch (StorageException e) {
        if (e.kind() != StorageException.Kind.NOT_FOUND) {
          throw e;
        }
        passOver(folder, "a file of it is missing");
      }
    }
    return Optional.empty();
  }

  private void passOver(String folder, String reason) {
    warn.accept("checkpoint %s is passed over: %s".formatted(storage.uri(folder), reason));
  }

  private Optional<Found> fetch(String folder) throws JsonProcessingException {
    Optional<String> json = storage.readText(folder + CheckpointManifest.FILE);
    if (json.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = json.get().getBytes(StandardCharsets.UTF_8);
    CheckpointManifest manifest = CheckpointManifest.parse(bytes, storage.uri(folder));
    manifest
        .refusal(run.uid(), run.specHash())
        .ifPresent(refusal -> {
          throw new RunFailure(
              Reason.InvalidSpec,
              "the checkpoint %s %s".formatted(storage.uri(folder), refusal),
              "Choose another output folder, or remove its checkpoints folder.");
        });
    Path target = work.resolve("resume").resolve(CheckpointManifest.folderName(manifest.step()));
    for (Map.Entry<String, CheckpointManifest.File> file : manifest.files().entrySet()) {
      storage.download(
          new StoredFile(folder + file.getKey(), file.getValue().size()),
          target.resolve(file.getKey()));
    }
    storage.download(
        new StoredFile(folder + CheckpointManifest.FILE, bytes.length),
        target.resolve(CheckpointManifest.FILE));
    TrainingCheckpoint tensors = CheckpointReader.read(target);
    CheckpointWriter.deleteCheckpoint(target);
    return Optional.of(
        new Found(
            tensors,
            CheckpointState.of(tensors.trainerState()),
            reference(folder, manifest, bytes)));
  }

  /**
   * Stores a checkpoint and removes the oldest ones beyond those to keep.
   *
   * @return the checkpoint as the status names it
   */
  public ProgressSnapshot.Checkpoint commit(TrainingCheckpoint checkpoint, int step, int keepLast) {
    Path local = work.resolve("checkpoints");
    CheckpointManifest manifest =
        CheckpointWriter.write(local, checkpoint, run.uid(), run.specHash(), step, clock.instant());
    String name = CheckpointManifest.folderName(step);
    String folder = FOLDER + name + "/";
    // One of the same step that another attempt left must not look whole meanwhile.
    storage.delete(folder + CheckpointManifest.FILE);
    for (String file : manifest.uploadOrder()) {
      storage.upload(local.resolve(name).resolve(file), folder + file);
    }
    CheckpointWriter.deleteCheckpoint(local.resolve(name));
    removeBeyond(keepLast);
    return reference(folder, manifest, manifest.toJson());
  }

  private ProgressSnapshot.Checkpoint reference(
      String folder, CheckpointManifest manifest, byte[] json) {
    return new ProgressSnapshot.Checkpoint(
        Math.toIntExact(manifest.step()),
        storage.uri(folder),
        FileDigest.sha256(json),
        manifest.time());
  }

  private void removeBeyond(int keepLast) {
    List<String> old = folders().descendingMap().values().stream().skip(keepLast).toList();
    for (String folder : old) {
      // The manifest first: what is left of an interrupted removal is no checkpoint.
      storage.delete(folder + CheckpointManifest.FILE);
      for (StoredFile file : storage.list(folder)) {
        storage.delete(file.key());
      }
    }
  }

  /** Folders that hold a manifest, by step. */
  private NavigableMap<Long, String> folders() {
    NavigableMap<Long, String> folders = new TreeMap<>();
    for (StoredFile file : storage.list(FOLDER)) {
      if (file.name().equals(CheckpointManifest.FILE)) {
        String folder = file.key().substring(0, file.key().length() - file.name().length());
        String name = folder.substring(FOLDER.length(), folder.length() - 1);
        CheckpointManifest.stepOf(name).ifPresent(step -> folders.put(step, folder));
      }
    }
    return folders;
  }
}
