package io.loraoperator.trainer.run;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.checkpoint.GrownVocabulary;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.SafetensorsReader;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.SpecReader;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.Precision;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An adapter that PEFT wrote, the words of a manifest for it and what PEFT computed with it
 * (parity/lora/make_adapters.py).
 *
 * @param facts expected.json
 * @param expected expected.safetensors
 */
record LoraFixture(Path folder, JsonNode facts, Map<String, HostTensor> expected) {

  static final Path PARITY = Path.of("..", "parity");

  /** The rest of a manifest. */
  private static final String SPEC =
      """
      {
        "baseModel": {"source": {"persistentVolumeClaim": {"claimName": "models"}}, "precision": "Float32"},
        "dataset": {"train": {"source": {"configMap": {"name": "data", "key": "rows.jsonl"}}},
                    "prompt": {"text": {"field": "text"}}},
        "training": {"maxSteps": 1},
        "output": {"destination": {"persistentVolumeClaim": {"claimName": "adapters"}}}
      }
      """;

  /** Row of the fixture whose logits it holds. */
  private static final int LOGITS_ROW = 4;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GRADIENT = "gradient.";
  private static final String HEAD = "base_model.model.lm_head.weight";
  private static final String EMBEDDING = "base_model.model.model.embed_tokens.weight";

  static LoraFixture read(String name) throws IOException {
    Path folder = PARITY.resolve("lora").resolve(name);
    return new LoraFixture(
        folder,
        JSON.readTree(folder.resolve("expected.json").toFile()),
        SafetensorsReader.load(folder.resolve("expected.safetensors")));
  }

  /** The specification that a user would write for the adapter. */
  FineTuneSpec spec() throws IOException {
    ObjectNode spec = (ObjectNode) JSON.readTree(SPEC);
    facts
        .get("spec")
        .properties()
        .forEach(e -> {
          if (spec.get(e.getKey()) instanceof ObjectNode existing) {
            existing.setAll((ObjectNode) e.getValue());
          } else {
            spec.set(e.getKey(), e.getValue());
          }
        });
    return SpecReader.read(spec);
  }

  Path base() {
    return PARITY.resolve("model").resolve(facts.get("base").asText());
  }

  Architecture architecture() throws IOException {
    Map<String, Object> config =
        JSON.readValue(
            base().resolve("config.json").toFile(), new TypeReference<Map<String, Object>>() {});
    int own = Objects.requireNonNull((Integer) config.get("vocab_size"));
    config.put("vocab_size", newTokens().stream().mapToInt(id -> id + 1).reduce(own, Math::max));
    return Architecture.of(config);
  }

  /** The rows of the tokens that the specification adds. */
  private List<Integer> newTokens() {
    List<Integer> ids = new ArrayList<>();
    facts.path("newTokens").forEach(id -> ids.add(id.asInt()));
    return ids;
  }

  /** A copy of the base model with a tokenizer whose next token is the first that is added. */
  Path copyBase(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(base().resolve(file), folder.resolve(file));
    }
    List<Integer> added = newTokens();
    int words = added.isEmpty() ? architecture().vocabularySize() : added.getFirst();
    ObjectNode tokenizer = JSON.createObjectNode();
    ObjectNode model = tokenizer.putObject("model").put("type", "WordLevel").put("unk_token", "w0");
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < words; id++) {
      vocabulary.put("w" + id, id);
    }
    JSON.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
    return folder;
  }

  /** What the trainer makes of the specification. */
  LoraConfig lora() throws IOException {
    return TargetModules.resolve(spec().lora(), newTokens(), 1, architecture());
  }

  /** The base model with the adapter that PEFT wrote. */
  FineTunableModel model() throws IOException {
    try (SafetensorsReader weights = SafetensorsReader.open(base().resolve("model.safetensors"))) {
      FineTunableModel model =
          FineTunableModel.load(
              architecture(),
              new GrownVocabulary(weights, architecture().vocabularySize()),
              Precision.FLOAT32,
              EngineSettings.quantization(spec().baseModel()),
              lora());
      model.loadAdapter(PeftAdapter.read(folder).tensors());
      return model;
    }
  }

  List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (JsonNode row : facts.get("rows")) {
      int n = row.get("ids").size();
      int[] ids = new int[n];
      boolean[] trained = new boolean[n];
      for (int i = 0; i < n; i++) {
        ids[i] = row.get("ids").get(i).asInt();
        trained[i] = row.get("trained").get(i).asBoolean();
      }
      rows.add(new Row(ids, trained));
    }
    return rows;
  }

  int[] logitsRow() {
    return rows().get(LOGITS_ROW).ids();
  }

  float[] logits() {
    return floats(Objects.requireNonNull(expected.get("logits")));
  }

  Map<String, HostTensor> gradients() {
    Map<String, HostTensor> gradients = new LinkedHashMap<>();
    expected.forEach((name, tensor) -> {
      if (name.startsWith(GRADIENT)) {
        gradients.put(name.substring(GRADIENT.length()), tensor);
      }
    });
    return once(gradients);
  }

  /**
   * Without a head that PEFT stores beside the embedding that it is tied to, and without the biases
   * of wrappers, which it stores beside the wrapped module's own.
   */
  static Map<String, HostTensor> once(Map<String, HostTensor> tensors) {
    Map<String, HostTensor> result = new LinkedHashMap<>(tensors);
    result
        .keySet()
        .removeIf(n -> n.contains(".original_module.") || n.contains(".modules_to_save."));
    HostTensor head = result.get(HEAD);
    HostTensor embedding = result.get(EMBEDDING);
    if (head != null && embedding != null && head.data().mismatch(embedding.data()) == -1) {
      result.remove(HEAD);
    }
    return result;
  }

  static float[] floats(HostTensor tensor) {
    if (tensor.dtype() != DType.FLOAT32) {
      throw new AssertionError(tensor.dtype());
    }
    return tensor.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
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
}
