package io.loraoperator.trainer.run;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.trainer.artifacts.LogFile;
import io.loraoperator.trainer.artifacts.TrainingLog;
import io.loraoperator.trainer.checkpoint.CheckpointUploads;
import io.loraoperator.trainer.storage.Storage;
import io.loraoperator.trainer.tracking.MlflowReports;
import io.loraoperator.trainer.tracking.TensorBoardEvents;
import io.loraoperator.trainer.tracking.Tracker;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log of a run in the files that the specification asks for.
 *
 * @param lines what is logged
 * @param work where files are kept on their way
 * @param events TensorBoard's; null without
 */
record RunLog(TrainingLog lines, Path work, @Nullable LogFile events) {

  /** A log without a line. Where the results will lie on this machine, events are written there. */
  static RunLog of(FineTuneSpec.Tracking tracking, Storage storage, Path work) {
    List<LogFile> files = new ArrayList<>();
    files.add(
        new LogFile(TrainingLog.FILE, work.resolve(TrainingLog.FILE), TrainingLog.JSON_LINES));
    LogFile events = null;
    if (tracking.tensorBoard()) {
      String key = TensorBoardEvents.FILE;
      Path file = storage.folder().orElse(work).resolve(key);
      events = new LogFile(key, file, new TensorBoardEvents());
      files.add(events);
    }
    return new RunLog(new TrainingLog(files), work, events);
  }

  /** Who is told of the run. */
  Tracker tracker(FineTuneSpec spec, Storage storage, RunObserver observer, Clock clock) {
    FineTuneSpec.Mlflow mlflow = spec.tracking().mlflow();
    return mlflow == null
        ? Tracker.NONE
        : new MlflowReports(mlflow, spec, storage.uri(""), lines, clock, observer::warn);
  }

  /** Stores the events with every checkpoint, if there are any and their place is elsewhere. */
  CheckpointUploads.Listener listener(
      CheckpointUploads.Listener next, Storage storage, RunObserver observer) {
    return events == null || storage.folder().isPresent()
        ? next
        : new EventUploads(next, storage, events, work, observer);
  }
}
