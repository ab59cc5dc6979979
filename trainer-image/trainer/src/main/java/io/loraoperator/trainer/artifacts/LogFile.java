package io.loraoperator.trainer.artifacts;

import io.loraoperator.contract.ContractJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file that holds the training log in some form and grows with it. */
public final class LogFile {

  /** How lines are written. */
  public interface Form {
    /** What comes before the first line. */
    byte[] beginning(LogEntry first);

    /** A line. */
    byte[] line(LogEntry entry);
  }

  private final String key;
  private final Path path;
  private final Form form;
  private @Nullable IOException problem;

  /**
   * A file that is not written yet.
   *
   * @param key its name among the results
   * @param path where it is kept meanwhile
   */
  public LogFile(String key, Path path, Form form) {
    this.key = key;
    this.path = path;
    this.form = form;
  }

  /** The file's name among the results. */
  public String key() {
    return key;
  }

  /** Adds the newest of the lines; all of them if they could not be written before. */
  synchronized void append(List<LogEntry> entries) {
    if (entries.size() == 1 || problem != null) {
      write(entries);
      return;
    }
    try {
      Files.write(path, form.line(entries.getLast()), StandardOpenOption.APPEND);
    } catch (IOException e) {
      problem = e; // perhaps with half a line: the next one writes all of them
    }
  }

  /** Replaces what the file holds; a full disk must not end a run, so that is for later. */
  synchronized void write(List<LogEntry> entries) {
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      if (!entries.isEmpty()) {
        whole.writeBytes(form.beginning(entries.getFirst()));
      }
      entries.forEach(entry -> whole.writeBytes(form.line(entry)));
      ContractJson.writeAtomically(path, whole.toByteArray());
      problem = null;
    } catch (IOException e) {
      problem = e;
    }
  }

  /** Copies whole lines, while others may be added. */
  public synchronized void copyTo(Path target) {
    try {
      Files.createDirectories(target.toAbsolutePath().getParent());
      Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes the lines again if they could not be written before.
   *
   * @throws UncheckedIOException if that is still so
   */
  synchronized void settle(List<LogEntry> entries) {
    if (problem != null) {
      write(entries);
    }
    if (problem != null) {
      throw new UncheckedIOException(problem);
    }
  }
}
