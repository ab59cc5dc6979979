package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.WeightSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes a base model with an adapter merged into it as a Hugging Face folder: safetensors in one
 * file or in shards with an index, configuration and tokenizer. One tensor at a time is in memory.
 *
 * @see <a href="https://huggingface.co/docs/transformers/big_models">transformers, sharded
 *     checkpoints</a>
 */
public final class ModelWriter {

  /** The size that shards of models on the hub commonly have: 5 GB. */
  public static final long SHARD_BYTES = 5_000_000_000L;

  private static final String CONFIG_FILE = "config.json";
  private static final String GENERATION_CONFIG_FILE = "generation_config.json";

  /**
   * A tensor to write.
   *
   * @param source the base model's name of what it begins as
   * @param update what becomes of that; null if it stays
   */
  public record Entry(String source, @Nullable WeightUpdate update) {}

  private final BaseModelFiles base;
  private final SortedMap<String, Entry> entries;
  private final Map<String, Object> changes;
  private final long shardBytes;

  /**
   * A writer that has written nothing yet.
   *
   * @param entries the tensors by their names
   * @param changes fields of the base model's configuration that have other values
   * @param shardBytes no shard of several tensors is larger
   */
  public ModelWriter(
      BaseModelFiles base,
      SortedMap<String, Entry> entries,
      Map<String, Object> changes,
      long shardBytes) {
    this.base = base;
    this.entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    this.changes = Map.copyOf(changes);
    this.shardBytes = shardBytes;
  }

  /**
   * Writes the model; every tensor has the type that the base model stores it in.
   *
   * @param chatTemplate Jinja that renders conversations; null for the base model's own, if any
   */
  public void write(Path folder, @Nullable String chatTemplate) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw CheckpointException.io(folder, "creating the folder", e);
    }
    writeWeights(folder);
    AtomicFile.write(folder.resolve(CONFIG_FILE), JsonFiles.pretty(config()));
    base.generationConfig()
        .ifPresent(settings ->
            AtomicFile.write(
                folder.resolve(GENERATION_CONFIG_FILE),
                JsonFiles.pretty(JsonFiles.MAPPER.valueToTree(settings))));
    base.tokenizer().saveTo(folder, chatTemplate);
  }

  /** The base's own with its changes, and the type that a GGUF file's does not name. */
  private ObjectNode config() {
    ObjectNode config = JsonFiles.MAPPER.valueToTree(base.config());
    changes.forEach((field, value) -> config.set(field, JsonFiles.MAPPER.valueToTree(value)));
    if (!config.has("dtype") && !config.has("torch_dtype")) {
      String weight = base.weights().names().iterator().next();
      config.put("dtype", ElementType.of(base.weights().dtype(weight)).torchName());
    }
    return config;
  }

  private void writeWeights(Path folder) {
    List<Map<String, SafetensorsWriter.Values>> shards = shards();
    if (shards.size() == 1) {
      SafetensorsWriter.writeValues(
          folder.resolve(BaseModelOpener.WEIGHTS_FILE),
          shards.getFirst(),
          SafetensorsWriter.PYTORCH_METADATA);
      return;
    }
    ObjectNode index = JsonFiles.MAPPER.createObjectNode();
    long total = 0;
    ObjectNode map = JsonFiles.MAPPER.createObjectNode();
    for (int i = 0; i < shards.size(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      SafetensorsWriter.writeValues(
          folder.resolve(name), shards.get(i), SafetensorsWriter.PYTORCH_METADATA);
      for (Map.Entry<String, SafetensorsWriter.Values> tensor : shards.get(i).entrySet()) {
        map.put(tensor.getKey(), name);
        total += tensor.getValue().bytes();
      }
    }
    index.putObject("metadata").put("total_size", total);
    index.set("weight_map", map);
    AtomicFile.write(folder.resolve(BaseModelOpener.INDEX_FILE), JsonFiles.pretty(index));
  }

  private List<Map<String, SafetensorsWriter.Values>> shards() {
    List<Map<String, SafetensorsWriter.Values>> shards = new ArrayList<>();
    long bytes = Long.MAX_VALUE;
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      Entry tensor = entry.getValue();
      Merged values = new Merged(base.weights(), tensor.source(), tensor.update());
      if (bytes > shardBytes - values.bytes()) {
        shards.add(new LinkedHashMap<>());
        bytes = 0;
      }
      shards.getLast().put(entry.getKey(), values);
      bytes += values.bytes();
    }
    return shards;
  }

  /** A tensor of the base model, with what an adapter makes of it. */
  private record Merged(WeightSource weights, String name, @Nullable WeightUpdate update)
      implements SafetensorsWriter.Values {

    @Override
    public DType dtype() {
      return weights.dtype(name);
    }

    @Override
    public long[] shape() {
      return weights.shape(name);
    }

    @Override
    public void visit(SafetensorsWriter.Sink sink) throws IOException {
      try (Arena memory = Arena.ofShared()) { // conversions run on several threads
        HostTensor values =
            update == null
                ? weights.read(name, dtype(), memory)
                : update.apply(weights.read(name, DType.FLOAT32, memory), dtype(), memory);
        sink.accept(values);
        if (values.data().isMapped()) {
          values.data().unload(); // the file's pages would count as this process's memory
        }
      }
    }
  }
}
