package io.loraoperator.trainer.example;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.loraoperator.trainer.cli.Invocation;
import io.loraoperator.trainer.hub.HubServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A folder of {@code examples/}.
 *
 * @param checkout the repository's root
 * @param folder with README.md, finetune.yaml and data
 */
record Example(Path checkout, Path folder) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final YAMLMapper YAML = new YAMLMapper();

  /** Random weights have everything to learn, and few steps to do it in. */
  private static final String LEARNING_RATE = "1e-2";

  /**
   * A run of an example on its tiny model.
   *
   * @param audit what {@code lora-trainer audit --json} says
   * @param losses of the steps
   * @param adapter PEFT's folder
   */
  record Run(JsonNode audit, List<Double> losses, Path adapter, Duration took) {}

  /** All of them, by name. */
  static List<Example> all(Path checkout) throws IOException {
    try (Stream<Path> files = Files.list(checkout.resolve("examples"))) {
      return files
          .filter(Files::isDirectory)
          .sorted()
          .map(folder -> new Example(checkout, folder))
          .toList();
    }
  }

  String name() {
    return String.valueOf(folder.getFileName());
  }

  Path manifest() {
    return folder.resolve("finetune.yaml");
  }

  ObjectNode tree() throws IOException {
    return (ObjectNode) YAML.readTree(manifest().toFile());
  }

  /** The data file of its own. */
  Path data() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("data"))) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith("train."))
          .findFirst()
          .orElseThrow(() -> new IOException(folder + "/data holds no file named train.*"));
    }
  }

  /** Repository or address of the real base model. */
  String model() throws IOException {
    JsonNode source = tree().at("/spec/baseModel/source");
    return source.at("/huggingFace/repository").asText(source.at("/s3/uri").asText());
  }

  TinyFamily family() throws IOException {
    return TinyFamily.of(model());
  }

  /** Audits the rows, then trains a few steps, with the commands that its README shows. */
  Run run(int steps, Path work) throws IOException {
    long start = System.nanoTime();
    Path model = family().write(checkout, work.resolve("model"));
    Path rows = rows(work);
    ObjectNode manifest = tree();
    ObjectNode training = manifest.withObject("/spec/training");
    training.remove("epochs");
    training.put("maxSteps", steps).put("logEverySteps", 1).put("learningRate", LEARNING_RATE);

    List<String> sources = new ArrayList<>();
    if (manifest.withObject("/spec/lora").remove("initialAdapter") != null) {
      Path earlier = train(manifest, model, rows, work.resolve("earlier"), List.of());
      sources.addAll(List.of("--initial-adapter", earlier.resolve("adapter").toString()));
    }
    String audit =
        lora(
            "audit",
            manifest().toString(),
            model,
            rows,
            List.of("--workdir", work.toString(), "--json"));
    Path output = train(manifest, model, rows, work.resolve("out"), sources);
    return new Run(
        JSON.readTree(audit),
        losses(output),
        output.resolve("adapter"),
        Duration.ofNanos(System.nanoTime() - start));
  }

  /** The data as the manifest reads it: a Parquet file is made of the text on the spot. */
  private Path rows(Path work) throws IOException {
    if (!tree().at("/spec/dataset/train/format").asText().equals("Parquet")) {
      return data();
    }
    Path file = work.resolve("train.parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM read_json('%s')) TO '%s' (FORMAT parquet)".formatted(data(), file));
    } catch (SQLException e) {
      throw new IOException(e);
    }
    return file;
  }

  private Path train(ObjectNode manifest, Path model, Path rows, Path output, List<String> sources)
      throws IOException {
    Path file = output.resolveSibling(output.getFileName() + ".json");
    JSON.writeValue(file.toFile(), manifest);
    List<String> options = new ArrayList<>(List.of("--output", output.toString(), "--json"));
    options.addAll(sources);
    lora("train", file.toString(), model, rows, options);
    return output;
  }

  /** Where the manifest pushes to the hub, it is one of this machine's own. */
  private Invocation invoke(String... arguments) throws IOException {
    String repository = tree().at("/spec/output/pushToHub/repository").asText();
    if (repository.isEmpty() || !arguments[0].equals("train")) {
      return Invocation.of(arguments);
    }
    try (HubServer hub = new HubServer()) {
      Invocation invocation =
          Invocation.of(
              (line, termination) -> {},
              Map.of("HF_ENDPOINT", hub.endpoint(), "HF_TOKEN", HubServer.TOKEN),
              arguments);
      if (invocation.code() == 0
          && !hub.filesOf(repository).contains("adapter_model.safetensors")) {
        throw new IllegalStateException(name() + ": no adapter was pushed");
      }
      return invocation;
    }
  }

  private String lora(String command, String manifest, Path model, Path rows, List<String> options)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                command, manifest, "--base-model", model.toString(), "--train", rows.toString()));
    arguments.addAll(options);
    Invocation invocation = invoke(arguments.toArray(String[]::new));
    if (invocation.code() != 0) {
      throw new IllegalStateException(
          "%s: lora-trainer %s ended with %d%n%s"
              .formatted(name(), command, invocation.code(), invocation.err()));
    }
    return invocation.out();
  }

  private static List<Double> losses(Path output) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("training_log.jsonl"))) {
      JsonNode entry = JSON.readTree(line);
      if (entry.has("loss")) {
        losses.add(entry.get("loss").asDouble());
      }
    }
    return losses;
  }
}
