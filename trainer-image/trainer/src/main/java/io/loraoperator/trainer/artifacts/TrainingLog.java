package io.loraoperator.trainer.artifacts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.loraoperator.contract.ContractJson;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is logged of a run, with the files that hold it: {@code training_log.jsonl} and others. */
public final class TrainingLog {

  /** The name, among the results, of the file with one JSON object for each line. */
  public static final String FILE = "training_log.jsonl";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(ContractJson.times())
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  /** How {@link #FILE} is written. */
  public static final LogFile.Form JSON_LINES =
      new LogFile.Form() {
        @Override
        public byte[] beginning(LogEntry first) {
          return new byte[0];
        }

        @Override
        public byte[] line(LogEntry entry) {
          try {
            return (JSON.writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8);
          } catch (JsonProcessingException e) {
            throw new IllegalStateException("a line of the log cannot be written", e);
          }
        }
      };

  private final List<LogEntry> entries = new ArrayList<>();
  private final List<LogFile> files;
  private Consumer<List<LogEntry>> follower = lines -> {};

  /** A log that is kept in files, which the first line makes anew. */
  public TrainingLog(List<LogFile> files) {
    this.files = List.copyOf(files);
  }

  /** Goes on with what another attempt logged. */
  public void restore(List<LogEntry> earlier) {
    entries.clear();
    entries.addAll(earlier);
    files.forEach(file -> file.write(entries));
  }

  /** Has somebody told of all lines whenever there is another one. */
  public void follow(Consumer<List<LogEntry>> who) {
    follower = who;
  }

  /** Adds a line. */
  public void add(LogEntry entry) {
    entries.add(entry);
    files.forEach(file -> file.append(entries));
    follower.accept(entries());
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

  /**
   * The files with every line in them.
   *
   * @throws UncheckedIOException if the disk does not take them
   */
  public List<LogFile> settled() {
    files.forEach(file -> file.settle(entries));
    return files;
  }
}
