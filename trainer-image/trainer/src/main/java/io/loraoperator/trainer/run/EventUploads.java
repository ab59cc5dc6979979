package io.loraoperator.trainer.run;

import io.loraoperator.contract.ProgressSnapshot.Checkpoint;
import io.loraoperator.trainer.artifacts.LogFile;
import io.loraoperator.trainer.checkpoint.CheckpointUploads;
import io.loraoperator.trainer.storage.Storage;
import io.loraoperator.trainer.storage.StorageException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Stores a file of the log after each checkpoint, so that it can be watched from elsewhere. Trouble
 * with it is told once and costs the run nothing: the file follows with the next checkpoint, and
 * with the results.
 */
final class EventUploads implements CheckpointUploads.Listener {

  private final CheckpointUploads.Listener next;
  private final Storage storage;
  private final LogFile events;
  private final Path copy;
  private final RunObserver observer;
  private boolean failed;

  EventUploads(
      CheckpointUploads.Listener next,
      Storage storage,
      LogFile events,
      Path work,
      RunObserver observer) {
    this.next = next;
    this.storage = storage;
    this.events = events;
    this.copy = work.resolve("upload").resolve(events.key());
    this.observer = observer;
  }

  @Override
  public void stored(Checkpoint checkpoint) {
    next.stored(checkpoint);
    try {
      events.copyTo(copy);
      storage.upload(copy, events.key());
    } catch (StorageException | UncheckedIOException e) {
      if (!failed) {
        observer.warn("%s is not stored yet: %s".formatted(events.key(), e.getMessage()));
      }
      failed = true;
    }
  }

  @Override
  public void failing(int step, String problem) {
    next.failing(step, problem);
  }
}
