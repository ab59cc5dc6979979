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
import java.util.ArrayList;
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
   * What a look through the checkpoints came to.
   *
   * @param newest the newest that is whole; empty if none is
   * @param passedOver newer ones, each with what is wrong with it, newest first
   */
  public record Search(Optional<Found> newest, List<String> passedOver) {}

  /**
   * Fetches the newest checkpoint that is whole; torn or altered ones are passed over and told.
   *
   * @throws RunFailure if there are checkpoints of another run, or of another version's form
   */
  public Search newest() {
    List<String> passedOver = new ArrayList<>();
    for (Map.Entry<Long, Boolean> entry : folders().descendingMap().entrySet()) {
      String folder = folder(entry.getKey());
      String problem;
      if (!entry.getValue()) {
        problem = "it is torn: it has no " + CheckpointManifest.FILE;
      } else {
        try {
          return new Search(Optional.of(fetch(folder, entry.getKey())), passedOver);
        } catch (CheckpointException e) {
          problem = problem(folder, e);
        } catch (JsonProcessingException e) {
          problem = "its state cannot be read: " + e.getOriginalMessage();
        } catch (StorageException e) {
          if (e.kind() != StorageException.Kind.NOT_FOUND) {
            throw e;
          }
          problem = "a file of it is missing: " + e.getMessage();
        }
      }
      String told = "checkpoint %s is passed over: %s".formatted(storage.uri(folder), problem);
      warn.accept(told);
      passedOver.add(told);
    }
    return new Search(Optional.empty(), passedOver);
  }

  private String problem(String folder, CheckpointException e) {
    return switch (e.kind()) {
      // The checkpoint is sound, and what it holds would be lost.
      case UNSUPPORTED ->
          throw new RunFailure(
              Reason.InvalidSpec,
              "the checkpoint %s cannot be read: %s".formatted(storage.uri(folder), e.problem()),
              e.remedy(),
              e);
      // The trouble is this machine's.
      case IO -> throw e;
      case NOT_FOUND, INVALID -> {
        String file = e.file().substring(e.file().lastIndexOf('/') + 1);
        yield file + " " + e.problem();
      }
    };
  }

  private Found fetch(String folder, long step) throws JsonProcessingException {
    String json =
        storage
            .readText(folder + CheckpointManifest.FILE)
            .orElseThrow(() ->
                new StorageException(
                    StorageException.Kind.NOT_FOUND, CheckpointManifest.FILE, null));
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    CheckpointManifest manifest =
        CheckpointManifest.parse(bytes, storage.uri(folder + CheckpointManifest.FILE));
    manifest
        .refusal(run.uid(), run.specHash())
        .ifPresent(refusal -> {
          throw new RunFailure(
              Reason.InvalidSpec,
              "the checkpoint %s %s".formatted(storage.uri(folder), refusal),
              "Choose another output folder, or remove its checkpoints folder.");
        });
    if (manifest.step() != step) {
      throw new CheckpointException(
          CheckpointException.Kind.INVALID,
          storage.uri(folder + CheckpointManifest.FILE),
          "is of step " + manifest.step(),
          "Delete this checkpoint; an older one is used instead.");
    }
    Path target = work.resolve("resume").resolve(CheckpointManifest.folderName(manifest.step()));
    CheckpointWriter.deleteCheckpoint(target);
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
    return new Found(
        tensors, CheckpointState.of(tensors.trainerState()), reference(folder, manifest, bytes));
  }

  /**
   * Stores a checkpoint and removes the oldest ones beyond those to keep.
   *
   * @param checkWanted is called between files, and may throw to give the checkpoint up
   * @return the checkpoint as the status names it
   */
  public ProgressSnapshot.Checkpoint commit(Snapshot snapshot, Runnable checkWanted) {
    Path local = work.resolve("checkpoints");
    int step = snapshot.step();
    CheckpointManifest manifest =
        CheckpointWriter.write(
            local, snapshot.content(), run.uid(), run.specHash(), step, clock.instant());
    Path copy = local.resolve(CheckpointManifest.folderName(step));
    String folder = folder(step);
    try {
      // One of the same step that another attempt left must not look whole meanwhile.
      storage.delete(folder + CheckpointManifest.FILE);
      for (String file : manifest.uploadOrder()) {
        checkWanted.run();
        storage.upload(copy.resolve(file), folder + file);
      }
    } finally {
      CheckpointWriter.deleteCheckpoint(copy);
    }
    try {
      removeBeyond(snapshot);
    } catch (StorageException e) {
      // The checkpoint is complete; the next one removes what this one leaves.
      warn.accept("old checkpoints could not be removed: " + e.getMessage());
    }
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

  /** Keeps the newest whole ones and the best; what is torn and older than them goes, too. */
  private void removeBeyond(Snapshot snapshot) {
    int whole = 0;
    for (Map.Entry<Long, Boolean> entry : folders().descendingMap().entrySet()) {
      long step = entry.getKey();
      boolean counts = entry.getValue();
      whole += counts ? 1 : 0;
      boolean kept =
          step > snapshot.step()
              || (counts && (whole <= snapshot.keepLast() || step == snapshot.bestStep()));
      if (!kept) {
        remove(folder(step));
      }
    }
  }

  private void remove(String folder) {
    // The manifest first: what is left of an interrupted removal is no checkpoint.
    storage.delete(folder + CheckpointManifest.FILE);
    for (StoredFile file : storage.list(folder)) {
      storage.delete(file.key());
    }
  }

  private static String folder(long step) {
    return FOLDER + CheckpointManifest.folderName(step) + "/";
  }

  /** The steps for which there is a folder, and whether it holds a manifest. */
  private NavigableMap<Long, Boolean> folders() {
    NavigableMap<Long, Boolean> folders = new TreeMap<>();
    for (StoredFile file : storage.list(FOLDER)) {
      String[] parts = file.key().substring(FOLDER.length()).split("/", -1);
      if (parts.length == 2) {
        CheckpointManifest.stepOf(parts[0])
            .ifPresent(step ->
                folders.merge(step, parts[1].equals(CheckpointManifest.FILE), Boolean::logicalOr));
      }
    }
    return folders;
  }
}
