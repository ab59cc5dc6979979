package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.WeightSource;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeMap;

/** A model's weights in several safetensors files, tied together by an index file. */
final class ShardedSafetensors implements WeightSource {

  /** The largest released models have fewer than 200 shards. */
  private static final int MOST_SHARDS = 10_000;

  private static final String REMEDY =
      "Download the model's index and all of its shards again, into one folder.";

  private final Path index;
  private final Map<String, SafetensorsReader> shardOfTensor;
  private final Map<String, SafetensorsReader> shards;

  private ShardedSafetensors(
      Path index,
      Map<String, SafetensorsReader> shardOfTensor,
      Map<String, SafetensorsReader> shards) {
    this.index = index;
    this.shardOfTensor = shardOfTensor;
    this.shards = shards;
  }

  /** Opens every shard; the index and the shards must name exactly the same tensors. */
  static ShardedSafetensors open(Path index) {
    Map<String, String> weightMap = readWeightMap(index);
    Map<String, SafetensorsReader> shards = new TreeMap<>();
    Map<String, SafetensorsReader> shardOfTensor = new TreeMap<>();
    try {
      weightMap.forEach((tensor, shard) -> {
        SafetensorsReader reader =
            shards.computeIfAbsent(shard, s -> SafetensorsReader.open(index.resolveSibling(s)));
        if (!reader.names().contains(tensor)) {
          throw CheckpointException.invalid(
              index.toString(),
              "names tensor '%s' in %s, which has none of that name".formatted(tensor, shard),
              REMEDY);
        }
        shardOfTensor.put(tensor, reader);
      });
      checkNothingElse(index, weightMap, shards);
    } catch (RuntimeException e) {
      shards.values().forEach(SafetensorsReader::close);
      throw e;
    }
    return new ShardedSafetensors(index, shardOfTensor, shards);
  }

  /** The shards' paths, sorted by name. */
  List<Path> files() {
    List<Path> files = new ArrayList<>();
    shards.keySet().forEach(shard -> files.add(index.resolveSibling(shard)));
    return files;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(shardOfTensor.keySet());
  }

  @Override
  public long[] shape(String name) {
    return shard(name).shape(name);
  }

  @Override
  public DType dtype(String name) {
    return shard(name).dtype(name);
  }

  @Override
  public HostTensor read(String name, DType as, SegmentAllocator memory) {
    return shard(name).read(name, as, memory);
  }

  @Override
  public void close() {
    shards.values().forEach(SafetensorsReader::close);
  }

  private SafetensorsReader shard(String name) {
    SafetensorsReader shard = shardOfTensor.get(name);
    if (shard == null) {
      throw new NoSuchElementException("%s has no tensor '%s'".formatted(index, name));
    }
    return shard;
  }

  private static Map<String, String> readWeightMap(Path index) {
    ObjectNode root = JsonFiles.readObject(index);
    if (!(root.get("weight_map") instanceof ObjectNode map) || map.isEmpty()) {
      throw CheckpointException.invalid(
          index.toString(), "has no object 'weight_map' with at least one tensor", REMEDY);
    }
    Map<String, String> result = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String shard = entry.getValue().isTextual() ? entry.getValue().asText() : "";
      if (!isPlainName(shard)) {
        throw CheckpointException.invalid(
            index.toString(),
            "tensor '%s' lies in '%s', which is not the plain name of a safetensors file"
                .formatted(entry.getKey(), shard),
            REMEDY);
      }
      result.put(entry.getKey(), shard);
    }
    if (result.values().stream().distinct().count() > MOST_SHARDS) {
      throw CheckpointException.invalid(
          index.toString(), "names more than %d shards".formatted(MOST_SHARDS), REMEDY);
    }
    return result;
  }

  /** No separators, no parents: an index must not reach outside its folder. */
  private static boolean isPlainName(String name) {
    return name.endsWith(".safetensors")
        && name.indexOf('/') < 0
        && name.indexOf('\\') < 0
        && name.indexOf('\0') < 0
        && !name.startsWith(".");
  }

  private static void checkNothingElse(
      Path index, Map<String, String> weightMap, Map<String, SafetensorsReader> shards) {
    shards.forEach((shard, reader) -> {
      for (String tensor : reader.names()) {
        if (!shard.equals(weightMap.get(tensor))) {
          throw CheckpointException.invalid(
              index.toString(),
              "%s holds tensor '%s', which the index places in %s"
                  .formatted(shard, tensor, weightMap.getOrDefault(tensor, "no file")),
              REMEDY);
        }
      }
    });
  }
}
