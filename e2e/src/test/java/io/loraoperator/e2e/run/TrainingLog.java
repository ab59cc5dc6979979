package io.loraoperator.e2e.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.api.LoraFineTune;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The losses in a run's {@code training_log.jsonl}.
 *
 * @param losses training loss by step, in the order of the file
 * @param evaluationLosses evaluation loss by step, in the order of the file
 */
record TrainingLog(Map<Integer, Double> losses, Map<Integer, Double> evaluationLosses) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static TrainingLog read(Scenario scenario, LoraFineTune object, int run) {
    Map<Integer, Double> losses = new LinkedHashMap<>();
    Map<Integer, Double> evaluations = new LinkedHashMap<>();
    scenario
        .artifact(object, run, "training_log.jsonl")
        .lines()
        .forEach(line -> {
          JsonNode entry = parse(line);
          put(losses, entry, "loss");
          put(evaluations, entry, "evaluationLoss");
        });
    return new TrainingLog(losses, evaluations);
  }

  /** Mean loss over the first steps. */
  double meanOfFirst(int count) {
    return mean(losses.values().stream().limit(count).toList());
  }

  /** Mean loss over the last steps. */
  double meanOfLast(int count) {
    return mean(losses.values().stream().skip(losses.size() - count).toList());
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  private static void put(Map<Integer, Double> target, JsonNode entry, String field) {
    if (entry.path(field).isNumber()
        && target.put(entry.path("step").asInt(), entry.path(field).asDouble()) != null) {
      throw new AssertionError("the log tells the " + field + " of a step twice: " + entry);
    }
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new AssertionError("training_log.jsonl holds a line that is not JSON: " + line, e);
    }
  }
}
