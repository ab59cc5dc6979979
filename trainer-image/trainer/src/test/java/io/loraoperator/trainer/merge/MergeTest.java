package io.loraoperator.trainer.merge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.PeftConfig;
import io.loraoperator.checkpoint.SafetensorsReader;
import io.loraoperator.checkpoint.SafetensorsWriter;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.Precision;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.Torch;
import io.loraoperator.torch.TorchSettings;
import io.loraoperator.trainer.TinyModel;
import io.loraoperator.trainer.cli.Invocation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A base model and an adapter as one model. */
class MergeTest {

  private static final int[] TOKENS = {1, 50, 100, 150, 200, 250, 30, 7};
  private static final int RANK = 3;

  @TempDir static Path shared;
  private static Path model;
  private static Path adapter;
  private static float[] expected = {};

  @TempDir Path folder;

  /** A model with untouched modules and an adapter with B far from zero. */
  @BeforeAll
  static void write() throws IOException {
    Torch.start(new TorchSettings(1));
    model = TinyModel.write(shared.resolve("model"), true);
    Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": [1, 2]}");
    adapter = Files.createDirectories(shared.resolve("adapter"));
    PeftConfig config =
        new PeftConfig("tiny", RANK, 7, 0, List.of("q_proj", "v_proj", "down_proj"), true);
    try (BaseModelFiles base = BaseModelFiles.open(model)) {
      LoraConfig lora = new LoraConfig(RANK, 7 * Math.sqrt(RANK), 0, config.targetModules(), 0);
      try (FineTunableModel unmerged =
          FineTunableModel.load(
              Architecture.of(base.config()), base.weights(), Precision.FLOAT32, lora)) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        Random random = new Random(3);
        unmerged
            .adapter()
            .forEach((name, tensor) -> tensors.put(name, random(tensor.shape(), random)));
        unmerged.loadAdapter(tensors);
        expected = unmerged.logits(TOKENS);
        PeftAdapter.write(adapter, config, tensors);
        base.tokenizer().saveTo(adapter, "{{ 'from the adapter' }}");
      }
    }
  }

  private static HostTensor random(long[] shape, Random random) {
    MemorySegment data = Arena.ofAuto().allocate(4 * shape[0] * shape[1], 4);
    for (int i = 0; i < shape[0] * shape[1]; i++) {
      data.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (random.nextGaussian() * 0.2));
    }
    return new HostTensor(DType.FLOAT32, shape, data);
  }

  private static Invocation merge(Path base, Path output, String... more) {
    String[] command = {
      "merge",
      "--base-model",
      base.toString(),
      "--adapter",
      adapter.toString(),
      "--output",
      output.toString()
    };
    String[] all = Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    return Invocation.of(all);
  }

  private static float[] logits(Path path) {
    try (BaseModelFiles base = BaseModelFiles.open(path);
        FineTunableModel loaded =
            FineTunableModel.load(
                Architecture.of(base.config()), base.weights(), Precision.FLOAT32, null)) {
      return loaded.logits(TOKENS);
    }
  }

  private static double difference(float[] a, float[] b) {
    assertThat(a).hasSameSizeAs(b);
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  @Test
  void theMergedModelAnswersAsTheTwoTogether() throws IOException {
    Path merged = folder.resolve("merged");

    Invocation run = merge(model, merged);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(difference(logits(model), expected)).isGreaterThan(0.1);
    assertThat(difference(logits(merged), expected)).isLessThan(1e-4);
    assertThat(merged.toFile().list())
        .containsExactlyInAnyOrder(
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json");
    assertThat(json(merged.resolve("tokenizer_config.json")).path("chat_template").asText())
        .isEqualTo("{{ 'from the adapter' }}");
    assertThat(json(merged.resolve("generation_config.json")))
        .isEqualTo(json(model.resolve("generation_config.json")));
  }

  @Test
  void shardsAreFilledInTheOrderOfNamesAndIndexed() throws IOException {
    Path merged = folder.resolve("merged");

    Invocation run = merge(model, merged, "--shard-bytes", "20000");

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode index = json(merged.resolve("model.safetensors.index.json"));
    long total = 0;
    int shards = 0;
    try (BaseModelFiles base = BaseModelFiles.open(model)) {
      for (String name : base.weights().names()) {
        total += 4 * elements(base.weights().shape(name));
      }
    }
    for (String name : merged.toFile().list()) {
      if (!name.startsWith("model-")) {
        continue;
      }
      Path file = merged.resolve(name);
      shards++;
      try (SafetensorsReader reader = SafetensorsReader.open(file)) {
        long bytes = reader.names().stream().mapToLong(n -> 4 * elements(reader.shape(n))).sum();
        assertThat(bytes <= 20000 || reader.names().size() == 1).isTrue();
      }
    }
    assertThat(index.at("/metadata/total_size").asLong()).isEqualTo(total);
    assertThat(shards).isGreaterThan(2);
    assertThat(difference(logits(merged), expected)).isLessThan(1e-4);
  }

  private static long elements(long[] shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  @Test
  void everyWeightKeepsTheTypeOfTheBase() throws IOException {
    Path narrow = Files.createDirectories(folder.resolve("narrow"));
    try (var files = Files.list(model)) {
      for (Path file : files.toList()) {
        Files.copy(file, narrow.resolve(file.getFileName()));
      }
    }
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    try (SafetensorsReader reader = SafetensorsReader.open(model.resolve("model.safetensors"))) {
      reader.names().forEach(name -> tensors.put(name, reader.read(name, DType.BFLOAT16)));
    }
    SafetensorsWriter.write(narrow.resolve("model.safetensors"), tensors, Map.of());
    Path merged = folder.resolve("merged");

    assertThat(merge(narrow, merged).code()).isZero();

    try (SafetensorsReader reader = SafetensorsReader.open(merged.resolve("model.safetensors"))) {
      assertThat(reader.names()).allMatch(name -> reader.dtype(name) == DType.BFLOAT16);
    }
    assertThat(difference(logits(merged), expected)).isLessThan(0.1);
  }

  @Test
  void whatDoesNotFitIsRefusedByName() throws IOException {
    Path other = TinyModel.write(folder.resolve("other"), true);
    String config = Files.readString(other.resolve("config.json"));
    Files.writeString(
        other.resolve("config.json"),
        config.replace("\"num_hidden_layers\":2", "\"num_hidden_layers\":1"));

    Invocation layers = merge(other, folder.resolve("merged"));
    Invocation taken = merge(model, model);

    assertThat(layers.code()).isEqualTo(12);
    assertThat(layers.err()).contains("The adapter has weights for model.layers.1.");
    assertThat(taken.code()).isEqualTo(2);
    assertThat(taken.err()).contains("is not an empty folder");
  }

  @Test
  void aRunLeavesTheMergedModelToo() throws IOException {
    Path manifest =
        Files.writeString(
            folder.resolve("finetune.yaml"),
            """
            apiVersion: finetune.loraoperator.io/v1alpha1
            kind: LoraFineTune
            metadata: {name: merged}
            spec:
              baseModel: {precision: Float32}
              dataset:
                train: {}
                prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
              lora: {rank: 2, alpha: 4}
              training: {maxSteps: 3, batchSize: 1, learningRate: "1e-1"}
              output: {merge: true}
            """);
    Path data =
        Files.writeString(
            folder.resolve("t.jsonl"), "{\"prompt\": \"1+1=\", \"completion\": \"2\"}\n");
    Path output = folder.resolve("out");

    Invocation run =
        Invocation.of(
            "train",
            manifest.toString(),
            "--base-model",
            model.toString(),
            "--train",
            data.toString(),
            "--output",
            output.toString(),
            "--json");

    assertThat(run.code()).as(run.err()).isZero();
    ResultDocument result = ResultDocument.parse(run.out());
    assertThat(Objects.requireNonNull(result.output()).mergedModelUri())
        .isEqualTo(output.resolve("merged").toString());
    assertThat(json(output.resolve("manifest.json")).path("files").has("merged/config.json"))
        .isTrue();
    Path separately = folder.resolve("separately");
    Invocation again =
        Invocation.of(
            "merge",
            "--base-model",
            model.toString(),
            "--adapter",
            output.resolve("adapter").toString(),
            "--output",
            separately.toString());
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(output.resolve("merged/model.safetensors"))
        .hasSameBinaryContentAs(separately.resolve("model.safetensors"));
    assertThat(difference(logits(separately), logits(model))).isGreaterThan(1e-3);
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }
}
