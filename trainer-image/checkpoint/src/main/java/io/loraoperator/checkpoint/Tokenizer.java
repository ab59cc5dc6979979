package io.loraoperator.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A model's tokenizer: text to ids with character spans, and back. Safe for use by many threads.
 */
public interface Tokenizer extends AutoCloseable {

  /**
   * Tokenises a text. Special tokens written in the text become their ids.
   *
   * @param addSpecialTokens whether to add what the tokenizer's template adds (BOS, EOS)
   */
  Encoding encode(String text, boolean addSpecialTokens);

  /**
   * The text of the ids; bytes that are not valid UTF-8 become U+FFFD. No spaces are cleaned up.
   *
   * @throws IllegalArgumentException if an id is negative
   */
  String decode(int[] ids, boolean skipSpecialTokens);

  /** Beginning of sequence. */
  OptionalInt bosId();

  /** End of sequence. */
  OptionalInt eosId();

  /** Padding. */
  OptionalInt padId();

  /** One more than the largest id, added tokens included. */
  int vocabularySize();

  /**
   * The vocabulary's entry of an id, as it stands in the vocabulary (byte-level BPE: {@code Ġthe}).
   *
   * @throws IllegalArgumentException if the vocabulary has no such id
   */
  String token(int id);

  /** The id of a vocabulary entry or added token, written exactly so. */
  OptionalInt id(String token);

  /** Whether the id is an added token marked special: left out of decoded text when asked. */
  boolean isSpecial(int id);

  /** Whether the id is an added token, special or not: texts are split at it. */
  boolean isAdded(int id);

  /** Whether {@link #encode} with special tokens starts with BOS. */
  boolean addsBos();

  /** A prompt's tokens as in training, with what the tokenizer adds before it, and no EOS. */
  default int[] promptIds(String prompt) {
    Encoding encoding = encode(prompt, true);
    int length = encoding.length();
    while (length > 1 && encoding.start()[length - 1] < 0) {
      length--;
    }
    return Arrays.copyOf(encoding.ids(), length);
  }

  /**
   * Writes {@code tokenizer.json}, {@code tokenizer_config.json} and {@code
   * special_tokens_map.json} such that transformers loads this tokenizer from the folder.
   *
   * @param chatTemplate Jinja that renders conversations; null for the tokenizer's own, if any
   */
  void saveTo(Path folder, @Nullable String chatTemplate);

  /** The same with the tokenizer's own chat template, if any. */
  default void saveTo(Path folder) {
    saveTo(folder, null);
  }

  /** The chat template of a tokenizer that lies in a folder; empty if none does. */
  static Optional<String> chatTemplateIn(Path folder) {
    return Files.isRegularFile(folder.resolve(TokenizerSource.MODEL_FILE))
        ? TokenizerSource.read(folder).chatTemplate()
        : Optional.empty();
  }

  /** The added tokens of a tokenizer that lies in a folder, by id; empty if none does. */
  static Map<Integer, String> addedTokensIn(Path folder) {
    return Files.isRegularFile(folder.resolve(TokenizerSource.MODEL_FILE))
        ? Vocabulary.of(TokenizerSource.read(folder).model()).added()
        : Map.of();
  }

  /** Releases the native tokenizer. */
  @Override
  void close();
}
