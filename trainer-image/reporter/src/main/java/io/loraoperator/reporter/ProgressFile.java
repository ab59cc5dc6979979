package io.loraoperator.reporter;

import io.loraoperator.contract.ProgressSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The trainer's progress file. It is replaced by rename, so a look at its attributes tells whether
 * there is anything to read.
 */
final class ProgressFile {
  private final Path file;
  private final int run;
  private final int attempt;
  private final Clock clock;
  private @Nullable Version seen;
  private Observation observation = new Observation.Absent();

  ProgressFile(ReporterConfig config, Clock clock) {
    this.file = config.progressFile();
    this.run = config.run();
    this.attempt = config.attempt();
    this.clock = clock;
  }

  private record Version(@Nullable Object key, long modified, long size) {}

  /** What the file says now; equal to the answer before while the file has not changed. */
  Observation observe() {
    Version version;
    try {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      version = new Version(a.fileKey(), a.lastModifiedTime().toMillis(), a.size());
    } catch (NoSuchFileException e) {
      return observation;
    } catch (IOException e) {
      return unreadable(e);
    }
    if (!version.equals(seen)) {
      seen = version;
      observation = read();
    }
    return observation;
  }

  private Observation read() {
    ProgressSnapshot progress;
    try {
      progress = ProgressSnapshot.read(file);
    } catch (IOException e) {
      return unreadable(e);
    }
    if (progress.run() != run || progress.attempt() != attempt) {
      return new Observation.Unreadable(
          "%s is of run %d, attempt %d; this reporter serves run %d, attempt %d"
              .formatted(file, progress.run(), progress.attempt(), run, attempt));
    }
    if (observation instanceof Observation.Snapshot before && before.progress().equals(progress)) {
      return before;
    }
    return new Observation.Snapshot(progress, clock.instant());
  }

  private Observation unreadable(IOException e) {
    String words = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new Observation.Unreadable(
        file + " cannot be read: " + words.lines().findFirst().orElse(""));
  }
}
