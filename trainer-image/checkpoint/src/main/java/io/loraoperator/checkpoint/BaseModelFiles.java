package io.loraoperator.checkpoint;

import io.loraoperator.torch.WeightSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A base model as files: a Hugging Face folder (safetensors, in one file or sharded) or a GGUF
 * file, which looks the same from here on: Hugging Face names for configuration and weights.
 *
 * <p>The files stay mapped until {@link #close}; tensors that were read as views of them must not
 * be used after.
 */
public interface BaseModelFiles extends AutoCloseable {

  /**
   * Opens a model.
   *
   * @param folderOrGguf a Hugging Face folder, a folder that holds exactly one {@code .gguf}, or
   *     such a file
   * @throws CheckpointException naming the file that is missing, damaged or not supported, with the
   *     remedy; pickles are refused with the command that converts them
   */
  static BaseModelFiles open(Path folderOrGguf) {
    return open(folderOrGguf, List.of());
  }

  /**
   * Opens a model for a run that adds vocabulary entries: the tokenizer has them, and embedding and
   * head have a row for each. Rows that a padded model has beyond its tokenizer are taken first.
   *
   * @param addedTokens texts; one that is there already takes no row
   * @throws CheckpointException as {@link #open(Path)}
   */
  static BaseModelFiles open(Path folderOrGguf, List<String> addedTokens) {
    return BaseModelOpener.open(folderOrGguf, base -> AddedTokens.to(base, addedTokens));
  }

  /**
   * Opens a model for an adapter, whose folder may bring a tokenizer with tokens of its own; see
   * {@link #open(Path, List)}.
   *
   * @param adapter a folder
   * @throws CheckpointException as {@link #open(Path)}
   */
  static BaseModelFiles openFor(Path folderOrGguf, Path adapter) {
    return BaseModelOpener.open(
        folderOrGguf,
        base ->
            Files.isRegularFile(adapter.resolve(TokenizerSource.MODEL_FILE))
                ? AddedTokens.of(base, TokenizerSource.read(adapter))
                : new AddedTokens(base, List.of()));
  }

  /** The folder or file that was opened. */
  Path path();

  /** The configuration in {@code config.json}'s names; unmodifiable. */
  Map<String, Object> config();

  /** The weights by their Hugging Face names. */
  WeightSource weights();

  /** The tokenizer; loaded by the first call, closed with the model. */
  Tokenizer tokenizer();

  /** The ids of the tokens that were added and are new, ascending; their rows are to be trained. */
  List<Integer> newTokens();

  /** The Jinja text that renders conversations, if the model has one. */
  Optional<String> chatTemplate();

  /** {@code generation_config.json}, if there is one. */
  Optional<Map<String, Object>> generationConfig();

  /**
   * SHA-256 of the weight files (see {@link FileDigest#sha256(java.util.List)}); reads all of them
   * at the first call.
   */
  String sha256();

  /** Unmaps the weights and releases the tokenizer. */
  @Override
  void close();
}
