package io.loraoperator.model;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A small random model and what transformers and PEFT computed from it
 * (parity/model/make_fixtures).
 */
record Fixture(
    Architecture architecture,
    SafetensorsFixture weights,
    Map<String, HostTensor> adapter,
    SafetensorsFixture expected,
    JsonNode facts) {

  private static final Path FOLDER = Path.of("..", "parity", "model");

  /** The folders that make_fixtures wrote. */
  static List<String> names() {
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("expected.json")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, Object> config(String name) {
    try {
      return new ObjectMapper()
          .readValue(
              FOLDER.resolve(name).resolve("config.json").toFile(),
              new TypeReference<Map<String, Object>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Fixture read(String name) {
    Path folder = FOLDER.resolve(name);
    try {
      return new Fixture(
          Architecture.of(config(name)),
          SafetensorsFixture.read(folder.resolve("model.safetensors")),
          SafetensorsFixture.read(folder.resolve("adapter.safetensors")).tensors(),
          SafetensorsFixture.read(folder.resolve("expected.safetensors")),
          new ObjectMapper().readTree(folder.resolve("expected.json").toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  LoraConfig lora() {
    return lora(0);
  }

  LoraConfig lora(double dropout) {
    List<String> targets = new ArrayList<>();
    facts.get("targets").forEach(t -> targets.add(t.asText()));
    return new LoraConfig(
        facts.get("rank").asInt(), facts.get("alpha").asDouble(), dropout, targets, 1);
  }

  /** The model with adapters whose B is not zero, as PEFT had them. */
  FineTunableModel model() {
    FineTunableModel model = model(lora());
    model.loadAdapter(adapter);
    return model;
  }

  FineTunableModel model(@Nullable LoraConfig lora) {
    return FineTunableModel.load(architecture, weights, Precision.FLOAT32, lora);
  }

  List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (JsonNode row : facts.get("rows")) {
      int[] ids = ints(row.get("ids"));
      boolean[] trained = new boolean[ids.length];
      for (int i = 0; i < ids.length; i++) {
        trained[i] = row.get("trained").get(i).asBoolean();
      }
      rows.add(new Row(ids, trained));
    }
    return rows;
  }

  static int[] ints(JsonNode list) {
    int[] values = new int[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asInt();
    }
    return values;
  }

  static double[] doubles(JsonNode list) {
    double[] values = new double[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asDouble();
    }
    return values;
  }

  static long trainedTokens(List<Row> rows) {
    return rows.stream().mapToLong(Row::trainedTokens).sum();
  }

  /** The largest difference between tensors of the same names. */
  static double largestDifference(Map<String, HostTensor> a, Map<String, HostTensor> b) {
    if (!a.keySet().equals(b.keySet())) {
      throw new AssertionError(a.keySet() + " against " + b.keySet());
    }
    double largest = 0;
    for (String name : a.keySet()) {
      largest =
          Math.max(
              largest,
              largestDifference(
                  SafetensorsFixture.floats(a.get(name)), SafetensorsFixture.floats(b.get(name))));
    }
    return largest;
  }

  static double largestDifference(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new AssertionError(a.length + " values against " + b.length);
    }
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = Math.abs((double) a[i] - b[i]);
      largest = Double.isNaN(difference) ? Double.NaN : Math.max(largest, difference);
    }
    return largest;
  }

  static double largest(Map<String, HostTensor> tensors) {
    double largest = 0;
    for (HostTensor tensor : tensors.values()) {
      for (float value : SafetensorsFixture.floats(tensor)) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    return largest;
  }
}
