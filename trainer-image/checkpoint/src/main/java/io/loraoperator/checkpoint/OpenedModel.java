package io.loraoperator.checkpoint;

import io.loraoperator.torch.WeightSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A base model whose files are open. The tokenizer and the digest wait until they are wanted. */
final class OpenedModel implements BaseModelFiles {

  private final Path path;
  private final Map<String, Object> config;
  private final WeightSource weights;
  private final TokenizerSource tokenizerSource;
  private final Optional<Map<String, Object>> generationConfig;
  private final List<Path> weightFiles;
  private @Nullable FastTokenizer tokenizer;
  private @Nullable String sha256;

  OpenedModel(
      Path path,
      Map<String, Object> config,
      WeightSource weights,
      TokenizerSource tokenizerSource,
      Optional<Map<String, Object>> generationConfig,
      List<Path> weightFiles) {
    this.path = path;
    this.config = config;
    this.weights = weights;
    this.tokenizerSource = tokenizerSource;
    this.generationConfig = generationConfig;
    this.weightFiles = List.copyOf(weightFiles);
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
      tokenizer = FastTokenizer.load(tokenizerSource);
    }
    return tokenizer;
  }

  @Override
  public Optional<String> chatTemplate() {
    return tokenizerSource.chatTemplate();
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
