package io.loraoperator.e2e.quickstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.List;

/** What the trainer wrote beside the adapter, as a person reads it. */
final class Answers {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Answers() {}

  /**
   * The answers before and after, for reading.
   *
   * @param samples the lines of {@code samples.jsonl}: prompt, before, after
   */
  static List<String> describe(List<String> samples) {
    return samples.stream()
        .map(Answers::read)
        .map(sample ->
            "%s%n  before  %s%n  after   %s%n"
                .formatted(
                    oneLine(sample, "prompt"), oneLine(sample, "before"), oneLine(sample, "after")))
        .toList();
  }

  /**
   * The losses of a training log.
   *
   * @param log the lines of {@code training_log.jsonl}
   * @return the training loss of each logged step
   */
  static List<Double> losses(List<String> log) {
    return log.stream()
        .map(Answers::read)
        .filter(step -> step.hasNonNull("loss"))
        .map(step -> step.get("loss").asDouble())
        .toList();
  }

  private static String oneLine(JsonNode sample, String field) {
    return sample.path(field).asText().replaceAll("\\s+", " ").strip();
  }

  private static JsonNode read(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("not a JSON line: " + line, e);
    }
  }
}
