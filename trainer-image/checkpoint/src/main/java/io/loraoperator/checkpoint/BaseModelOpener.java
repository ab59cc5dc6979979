package io.loraoperator.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Finds out what a path holds and opens it as a base model. */
final class BaseModelOpener {

  private static final String CONFIG_FILE = "config.json";
  private static final String GENERATION_CONFIG_FILE = "generation_config.json";
  static final String WEIGHTS_FILE = "model.safetensors";
  static final String INDEX_FILE = "model.safetensors.index.json";
  private static final String GGUF_SUFFIX = ".gguf";

  private BaseModelOpener() {}

  /**
   * Opens a model.
   *
   * @param tokens what becomes of its tokenizer
   */
  static BaseModelFiles open(Path path, Function<TokenizerSource, AddedTokens> tokens) {
    if (Files.isDirectory(path)) {
      return openFolder(path, tokens);
    }
    Path parent = path.toAbsolutePath().getParent();
    if (Files.isRegularFile(path) && path.toString().endsWith(GGUF_SUFFIX)) {
      return openGguf(path, path, Optional.empty(), tokens);
    }
    if (Files.isRegularFile(path) && Pickles.isPickle(path) && parent != null) {
      throw Pickles.refusal(path, parent);
    }
    if (Files.isRegularFile(path)) {
      throw CheckpointException.unsupported(
          path.toString(),
          "is neither a model's folder nor a .gguf file",
          "Give the folder that holds config.json, tokenizer.json and model.safetensors.");
    }
    throw CheckpointException.notFound(
        path, "no such file or folder", "Give a Hugging Face model's folder or a .gguf file.");
  }

  private static BaseModelFiles openFolder(
      Path folder, Function<TokenizerSource, AddedTokens> tokens) {
    List<Path> files = Folders.list(folder);
    List<Path> ggufs = files.stream().filter(f -> f.toString().endsWith(GGUF_SUFFIX)).toList();
    boolean sharded = Files.isRegularFile(folder.resolve(INDEX_FILE));
    if (sharded || Files.isRegularFile(folder.resolve(WEIGHTS_FILE))) {
      return openSafetensors(folder, sharded, tokens);
    }
    Optional<Path> gguf = GgufShards.only(ggufs);
    if (gguf.isPresent()) {
      boolean ownTokenizer = Files.isRegularFile(folder.resolve(TokenizerSource.MODEL_FILE));
      return openGguf(
          folder, gguf.get(), ownTokenizer ? Optional.of(folder) : Optional.empty(), tokens);
    }
    if (!ggufs.isEmpty()) {
      throw CheckpointException.unsupported(
          folder.toString(),
          "holds %d .gguf files".formatted(ggufs.size()),
          "Give the path of the one to use, for example %s.".formatted(ggufs.getFirst()));
    }
    if (Files.isRegularFile(folder.resolve(PeftAdapter.CONFIG_FILE))) {
      throw CheckpointException.unsupported(
          folder.toString(),
          "is a LoRA adapter, not a base model",
          "Give the base model that its %s names; an adapter goes into the adapter option."
              .formatted(PeftAdapter.CONFIG_FILE));
    }
    for (Path file : files) {
      if (Pickles.isPickle(file)) {
        throw Pickles.refusal(file, folder);
      }
    }
    throw CheckpointException.notFound(
        folder.resolve(WEIGHTS_FILE),
        "the folder has no %s, %s or .gguf file".formatted(WEIGHTS_FILE, INDEX_FILE),
        "Give the folder of a complete model, for example one that save_pretrained wrote.");
  }

  private static BaseModelFiles openSafetensors(
      Path folder, boolean sharded, Function<TokenizerSource, AddedTokens> tokens) {
    Path configFile = folder.resolve(CONFIG_FILE);
    if (!Files.isRegularFile(configFile)) {
      throw CheckpointException.notFound(
          configFile,
          "no such file, so the model's architecture is not known",
          "Copy config.json of the model into the folder.");
    }
    Map<String, Object> config =
        Collections.unmodifiableMap(JsonFiles.toMap(JsonFiles.readObject(configFile)));
    Path generation = folder.resolve(GENERATION_CONFIG_FILE);
    Optional<Map<String, Object>> generationConfig =
        Files.isRegularFile(generation)
            ? Optional.of(
                Collections.unmodifiableMap(JsonFiles.toMap(JsonFiles.readObject(generation))))
            : Optional.empty();
    AddedTokens tokenizer = tokens.apply(TokenizerSource.read(folder));
    if (sharded) {
      ShardedSafetensors weights = ShardedSafetensors.open(folder.resolve(INDEX_FILE));
      return new OpenedModel(folder, config, weights, tokenizer, generationConfig, weights.files());
    }
    Path file = folder.resolve(WEIGHTS_FILE);
    return new OpenedModel(
        folder, config, SafetensorsReader.open(file), tokenizer, generationConfig, List.of(file));
  }

  private static BaseModelFiles openGguf(
      Path path,
      Path file,
      Optional<Path> tokenizerFolder,
      Function<TokenizerSource, AddedTokens> tokens) {
    GgufFile gguf = GgufFile.open(file);
    try {
      GgufNames family = GgufNames.of(gguf.architecture());
      if (family == null) {
        throw CheckpointException.unsupported(
            file.toString(),
            "architecture '%s' is not read from GGUF (read: %s)"
                .formatted(gguf.architecture(), String.join(", ", GgufNames.architectures())),
            "Use the model's Hugging Face folder (safetensors).");
      }
      Map<String, GgufNames.Source> sources = family.map(gguf);
      Map<String, Object> config = GgufConfig.of(gguf, family, sources.keySet());
      GgufWeights weights = new GgufWeights(gguf, sources, config);
      AddedTokens tokenizer =
          tokens.apply(
              tokenizerFolder.map(TokenizerSource::read).orElseGet(() -> GgufTokenizer.read(gguf)));
      return new OpenedModel(path, config, weights, tokenizer, Optional.empty(), gguf.paths());
    } catch (RuntimeException e) {
      gguf.close();
      throw e;
    }
  }
}
