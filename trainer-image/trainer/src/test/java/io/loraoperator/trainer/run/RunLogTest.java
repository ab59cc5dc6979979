package io.loraoperator.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.ProgressSnapshot;
import io.loraoperator.trainer.artifacts.LogEntry;
import io.loraoperator.trainer.checkpoint.CheckpointUploads;
import io.loraoperator.trainer.storage.LocalStorage;
import io.loraoperator.trainer.storage.Storage;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.tracking.TensorBoardEvents;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log is kept in, and where it can be watched. */
class RunLogTest {

  @TempDir Path folder;
  private final AtomicBoolean away = new AtomicBoolean();
  private final List<String> told = new ArrayList<>();

  @Test
  void eventsFollowEachCheckpointToAPlaceElsewhere() throws IOException {
    Storage bucket = bucket();
    RunLog log = RunLog.of(new FineTuneSpec.Tracking(true, null), bucket, folder.resolve("work"));
    CheckpointUploads.Listener listener = log.listener(listener(), bucket, observer());
    Path stored = folder.resolve("bucket").resolve(TensorBoardEvents.FILE);

    log.lines().add(entry(1));
    listener.stored(checkpoint(1));
    assertThat(stored).hasSameBinaryContentAs(folder.resolve("work/" + TensorBoardEvents.FILE));
    long first = Files.size(stored);

    log.lines().add(entry(2));
    away.set(true);
    listener.stored(checkpoint(2));
    listener.stored(checkpoint(3));
    assertThat(stored).hasSize(first);
    away.set(false);
    listener.stored(checkpoint(4));
    assertThat(stored).hasSameBinaryContentAs(folder.resolve("work/" + TensorBoardEvents.FILE));
    assertThat(Files.size(stored)).isGreaterThan(first);

    assertThat(told)
        .containsExactly(
            "stored 1",
            "stored 2",
            TensorBoardEvents.FILE + " is not stored yet: the bucket is away",
            "stored 3",
            "stored 4");
  }

  @Test
  void onThisMachineTheyGrowWhereTheResultsWillLie() {
    Storage place = new LocalStorage(folder.resolve("out"));
    RunLog log = RunLog.of(new FineTuneSpec.Tracking(true, null), place, folder.resolve("work"));

    log.lines().add(entry(1));

    assertThat(folder.resolve("out").resolve(TensorBoardEvents.FILE)).exists();
    CheckpointUploads.Listener next = listener();
    assertThat(log.listener(next, place, observer())).isSameAs(next);
  }

  private Storage bucket() {
    Storage local = new LocalStorage(folder.resolve("bucket"));
    return (Storage)
        Proxy.newProxyInstance(
            Storage.class.getClassLoader(),
            new Class<?>[] {Storage.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("folder")) {
                return Optional.empty();
              }
              if (away.get()) {
                throw new StorageException(
                    StorageException.Kind.UNAVAILABLE, "the bucket is away", null);
              }
              return method.invoke(local, arguments);
            });
  }

  private static LogEntry entry(int step) {
    return new LogEntry(
        Instant.ofEpochSecond(1_800_000_000L + step),
        step,
        0.5,
        2.0,
        1e-3,
        1.0,
        9,
        3.0,
        null,
        null);
  }

  private static ProgressSnapshot.Checkpoint checkpoint(int step) {
    return new ProgressSnapshot.Checkpoint(step, "s3://b/" + step, "00", Instant.EPOCH);
  }

  private CheckpointUploads.Listener listener() {
    return new CheckpointUploads.Listener() {
      @Override
      public void stored(ProgressSnapshot.Checkpoint checkpoint) {
        told.add("stored " + checkpoint.step());
      }

      @Override
      public void failing(int step, String problem) {
        told.add("failing " + step);
      }
    };
  }

  private RunObserver observer() {
    return new RunObserver() {
      @Override
      public void note(String message) {
        told.add(message);
      }

      @Override
      public void warn(String message) {
        told.add(message);
      }

      @Override
      public void progress(ProgressSnapshot snapshot) {
        told.add("progress");
      }
    };
  }
}
