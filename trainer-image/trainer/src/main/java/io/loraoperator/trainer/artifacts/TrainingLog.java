package io.loraoperator.trainer.artifacts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.loraoperator.contract.ContractJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** {@code training_log.jsonl}: one object for each logged step. */
public final class TrainingLog {

  /** The file's name among the results. */
  public static final String FILE = "training_log.jsonl";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  private final List<LogEntry> entries = new ArrayList<>();
  private final Path file;
  private @Nullable IOException problem;

  /** A log that is kept in a file, which the first line makes anew. */
  public TrainingLog(Path file) {
    this.file = file;
  }

  /** Goes on with what another attempt logged. */
  public void restore(List<LogEntry> earlier) {
    entries.clear();
    entries.addAll(earlier);
    write();
  }

  /** Adds a line. */
  public void add(LogEntry entry) {
    entries.add(entry);
    if (entries.size() == 1 || problem != null) {
      write();
    } else {
      append(entry);
    }
  }

  /** The lines so far. */
  public List<LogEntry> entries() {
    return List.copyOf(entries);
  }

  /** The loss of the newest line that has one. */
  public OptionalDouble lastLoss() {
    return last(entries.stream().map(LogEntry::loss).toList());
  }

  /** The evaluation loss of the newest line that has one. */
  public OptionalDouble lastEvaluationLoss() {
    return last(entries.stream().map(LogEntry::evaluationLoss).toList());
  }

  private static OptionalDouble last(List<@Nullable Double> values) {
    for (int i = values.size() - 1; i >= 0; i--) {
      Double value = values.get(i);
      if (value != null) {
        return OptionalDouble.of(value);
      }
    }
    return OptionalDouble.empty();
  }

  /** Where the log is kept. */
  public Path file() {
    return file;
  }

  private void write() {
    StringBuilder text = new StringBuilder();
    entries.forEach(entry -> text.append(line(entry)));
    try {
      ContractJson.writeAtomically(file, text.toString());
      problem = null;
    } catch (IOException e) {
      // A full disk must not end a run: the lines are in memory, in checkpoints and written again.
      problem = e;
    }
  }

  private void append(LogEntry entry) {
    try {
      Files.writeString(file, line(entry), StandardOpenOption.APPEND);
    } catch (IOException e) {
      problem = e; // perhaps with half a line: the next one writes all of them
    }
  }

  private static String line(LogEntry entry) {
    try {
      return JSON.writeValueAsString(entry) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a line of the log cannot be written", e);
    }
  }

  /**
   * Writes the lines again if they could not be written before.
   *
   * @throws UncheckedIOException if that is still so
   */
  public void settle() {
    if (problem != null) {
      write();
    }
    if (problem != null) {
      throw new UncheckedIOException(problem);
    }
  }
}
