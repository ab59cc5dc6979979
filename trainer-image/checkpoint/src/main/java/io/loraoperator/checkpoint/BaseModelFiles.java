package io.loraoperator.checkpoint;

import io.loraoperator.torch.WeightSource;
import java.nio.file.Path;
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
    return BaseModelOpener.open(folderOrGguf);
  }

  /** The folder or file that was opened. */
  Path path();

  /** The configuration in {@code config.json}'s names; unmodifiable. */
  Map<String, Object> config();

  /** The weights by their Hugging Face names. */
  WeightSource weights();

  /** The tokenizer; loaded by the first call, closed with the model. */
  Tokenizer tokenizer();

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
