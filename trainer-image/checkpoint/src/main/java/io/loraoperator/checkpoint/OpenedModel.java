package io.loraoperator.checkpoint;

import io.loraoperator.torch.WeightSource;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A base model whose files are open. The tokenizer and the digest wait until they are wanted. */
final class OpenedModel implements BaseModelFiles {

  private static final String VOCABULARY = "vocab_size";

  private final Path path;
  private final Map<String, Object> config;
  private final WeightSource weights;
  private final AddedTokens tokens;
  private final Optional<Map<String, Object>> generationConfig;
  private final List<Path> weightFiles;
  private @Nullable FastTokenizer tokenizer;
  private @Nullable String sha256;

  OpenedModel(
      Path path,
      Map<String, Object> config,
      WeightSource weights,
      AddedTokens tokens,
      Optional<Map<String, Object>> generationConfig,
      List<Path> weightFiles) {
    this.path = path;
    this.tokens = tokens;
    int rows = tokens.ids().isEmpty() ? 0 : tokens.ids().getLast() + 1;
    boolean grows = config.get(VOCABULARY) instanceof Integer own && own < rows;
    this.config = grows ? grown(config, rows) : config;
    this.weights = grows ? new GrownVocabulary(weights, rows) : weights;
    this.generationConfig = generationConfig;
    this.weightFiles = List.copyOf(weightFiles);
  }

  private static Map<String, Object> grown(Map<String, Object> config, int rows) {
    Map<String, Object> grown = new LinkedHashMap<>(config);
    grown.put(VOCABULARY, rows);
    return Collections.unmodifiableMap(grown);
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Map<String, Object> config() {
    return config;
  }

  @Override
  public WeightSource weights() {
    return weights;
  }

  @Override
  public synchronized Tokenizer tokenizer() {
    if (tokenizer == null) {
      tokenizer = FastTokenizer.load(tokens.source());
    }
    return tokenizer;
  }

  @Override
  public List<Integer> newTokens() {
    return tokens.ids();
  }

  @Override
  public Optional<String> chatTemplate() {
    return tokens.source().chatTemplate();
  }

  @Override
  public Optional<Map<String, Object>> generationConfig() {
    return generationConfig;
  }

  @Override
  public synchronized String sha256() {
    if (sha256 == null) {
      sha256 = FileDigest.sha256(weightFiles);
    }
    return sha256;
  }

  @Override
  public synchronized void close() {
    weights.close();
    if (tokenizer != null) {
      tokenizer.close();
    }
  }
}
