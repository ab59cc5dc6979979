package io.loraoperator.trainer.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.checkpoint.GgufShards;
import io.loraoperator.checkpoint.Pickles;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StorageException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Which files of a repository make up a model or an adapter. Repositories often hold the same
 * weights several times, for other frameworks or in other precisions: only one of them is fetched.
 */
final class ModelFiles {

  private static final String WEIGHTS = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String ADAPTER_CONFIG = "adapter_config.json";
  private static final String ADAPTER_WEIGHTS = "adapter_model.safetensors";

  /** Configurations, vocabularies and templates. */
  private static final List<String> SMALL = List.of(".json", ".txt", ".jinja", ".model");

  private ModelFiles() {}

  /**
   * The files of a base model.
   *
   * @param text reads a small file
   * @throws StorageException if there are no weights
   * @throws io.loraoperator.checkpoint.CheckpointException if they are pickles
   */
  static List<HubFile> ofModel(HubSnapshot snapshot, Function<HubFile, String> text) {
    List<HubFile> chosen = new ArrayList<>(small(snapshot));
    Optional<HubFile> index = snapshot.find(INDEX);
    Optional<HubFile> whole = snapshot.find(WEIGHTS);
    if (whole.isPresent() && index.isEmpty()) {
      chosen.add(whole.get());
    } else if (index.isPresent()) {
      chosen.addAll(shards(snapshot, index.get(), text.apply(index.get())));
    } else {
      chosen.addAll(gguf(snapshot));
    }
    return chosen;
  }

  /**
   * The files of a PEFT adapter.
   *
   * @throws StorageException if there is none
   * @throws io.loraoperator.checkpoint.CheckpointException if its weights are a pickle
   */
  static List<HubFile> ofAdapter(HubSnapshot snapshot) {
    if (snapshot.find(ADAPTER_WEIGHTS).isEmpty()) {
      refusePickles(snapshot, "adapter_model");
    }
    List<HubFile> chosen = new ArrayList<>();
    for (String name : List.of(ADAPTER_CONFIG, ADAPTER_WEIGHTS)) {
      chosen.add(snapshot.find(name).orElseThrow(() -> missing(snapshot, "has no " + name)));
    }
    return chosen;
  }

  private static List<HubFile> small(HubSnapshot snapshot) {
    return snapshot.files().stream()
        .filter(HubFile::atTop)
        .filter(file -> SMALL.stream().anyMatch(file.name()::endsWith))
        .toList();
  }

  private static List<HubFile> shards(HubSnapshot snapshot, HubFile index, String text) {
    JsonNode map;
    try {
      map = ContractJson.readTree(text).path("weight_map");
    } catch (IOException e) {
      throw new StorageException(
          Kind.NOT_FOUND, snapshot.uri(index) + ": is not JSON: " + e.getMessage(), e);
    }
    TreeSet<String> names = new TreeSet<>();
    map.forEach(shard -> names.add(shard.asText()));
    return names.stream()
        .map(name ->
            snapshot
                .find(name)
                .orElseThrow(
                    () -> missing(snapshot, "has no %s, which its index names".formatted(name))))
        .toList();
  }

  private static List<HubFile> gguf(HubSnapshot snapshot) {
    List<HubFile> found =
        snapshot.files().stream()
            .filter(file -> file.atTop() && file.name().endsWith(".gguf"))
            .toList();
    if (GgufShards.areOneModel(found.stream().map(HubFile::name).toList())) {
      return found;
    }
    if (!found.isEmpty()) {
      throw missing(
          snapshot,
          "holds %d .gguf files, and no safetensors to choose instead; put one of them, such as %s, into a bucket or volume"
              .formatted(found.size(), found.getFirst().path()));
    }
    if (snapshot.find(ADAPTER_CONFIG).isPresent()) {
      throw missing(snapshot, "is a LoRA adapter, not a base model");
    }
    refusePickles(snapshot, "");
    throw missing(snapshot, "holds no %s, %s or .gguf file".formatted(WEIGHTS, INDEX));
  }

  private static void refusePickles(HubSnapshot snapshot, String stem) {
    for (HubFile file : snapshot.files()) {
      if (file.atTop() && file.name().startsWith(stem) && Pickles.isPickle(file.name())) {
        throw Pickles.refusal(snapshot.uri(file), snapshot.repository().name());
      }
    }
  }

  private static StorageException missing(HubSnapshot snapshot, String what) {
    return new StorageException(
        Kind.NOT_FOUND, "%s: the repository %s".formatted(snapshot.repository(), what), null);
  }
}
