package io.loraoperator.checkpoint;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Hugging Face's tokenizers library, through DJL, on a {@link TokenizerSource}. */
final class FastTokenizer implements Tokenizer {

  /** The library would otherwise cut every text at 512 tokens and pad it. */
  private static final Map<String, String> OPTIONS =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

  /** On a machine with a GPU, DJL would fetch a CUDA build of the library from the network. */
  private static final String FLAVOR_PROPERTY = "RUST_FLAVOR";

  /** Otherwise DJL tells its makers, and asks Amazon's metadata service, when it is first used. */
  private static final String OFFLINE_PROPERTY = "ai.djl.offline";

  /** Where {@code tokenizer.json} nests steps that have spans. */
  private static final List<String> STEPS =
      List.of("pre_tokenizer", "post_processor", "pretokenizers", "processors");

  private final TokenizerSource source;
  private final Vocabulary vocabulary;
  private final HuggingFaceTokenizer library;
  private final boolean addsBos;

  private FastTokenizer(
      TokenizerSource source, Vocabulary vocabulary, HuggingFaceTokenizer library) {
    this.source = source;
    this.vocabulary = vocabulary;
    this.library = library;
    long[] probe = library.encode("a", true, false).getIds();
    this.addsBos = bosId().isPresent() && probe.length > 0 && probe[0] == bosId().getAsInt();
  }

  static FastTokenizer load(TokenizerSource source) {
    if (System.getProperty(FLAVOR_PROPERTY) == null) {
      System.setProperty(FLAVOR_PROPERTY, "cpu");
    }
    System.setProperty(OFFLINE_PROPERTY, "true");
    ObjectNode loaded = source.model().deepCopy();
    loaded.putNull("truncation");
    loaded.putNull("padding");
    keepSpacesInSpans(loaded);
    TokenizerCheck.check(loaded, source.origin());
    try {
      NormalizationCheck.check(loaded, source.origin());
      return new FastTokenizer(source, Vocabulary.of(source.model()), library(loaded));
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw refused(source, "refuses tokenizer.json", e);
    }
  }

  /** The library on a tokenizer; the caller has checked what it would not survive. */
  static HuggingFaceTokenizer library(ObjectNode tokenizer) throws IOException {
    return HuggingFaceTokenizer.newInstance(
        new ByteArrayInputStream(JsonFiles.MAPPER.writeValueAsBytes(tokenizer)), OPTIONS);
  }

  /**
   * A token's span is all of its characters. Tokenizers may trim the space that belongs to a token
   * from its span; then a boundary between that space and the word would seem to lie between
   * tokens.
   */
  private static void keepSpacesInSpans(JsonNode node) {
    if (node instanceof ObjectNode object && object.has("trim_offsets")) {
      object.put("trim_offsets", false);
    }
    for (String key : STEPS) {
      if (node.has(key)) {
        keepSpacesInSpans(node.path(key));
      }
    }
    if (node.isArray()) {
      node.forEach(FastTokenizer::keepSpacesInSpans);
    }
  }

  @Override
  public Encoding encode(String text, boolean addSpecialTokens) {
    String valid = replaceLoneSurrogates(text);
    return asked(() -> encoding(valid, library.encode(valid, addSpecialTokens, false)));
  }

  private static Encoding encoding(String valid, ai.djl.huggingface.tokenizers.Encoding encoding) {
    int[] ids = toInts(encoding.getIds());
    CharSpan[] spans = encoding.getCharTokenSpans();
    int[] unitOfCodePoint = unitOfCodePoint(valid);
    int[] start = new int[ids.length];
    int[] end = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      CharSpan span = spans[i];
      start[i] = span == null ? -1 : unitOfCodePoint[span.getStart()];
      end[i] = span == null ? -1 : unitOfCodePoint[span.getEnd()];
    }
    return new Encoding(ids, start, end);
  }

  /** Some of what is wrong with a file the library finds when it meets a text. */
  private <T> T asked(Supplier<T> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      throw refused(source, "cannot work with tokenizer.json", e);
    }
  }

  private static CheckpointException refused(TokenizerSource source, String what, Exception e) {
    return new CheckpointException(
        CheckpointException.Kind.INVALID,
        source.origin().toString(),
        "the tokenizers library %s: %s".formatted(what, e.getMessage()),
        "Save the tokenizer again with transformers' save_pretrained.",
        e);
  }

  /** Half of a pair is not text; it is tokenised as U+FFFD, which takes as many UTF-16 units. */
  private static String replaceLoneSurrogates(String text) {
    StringBuilder valid = null;
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (!Character.isSurrogate(unit)) {
        continue;
      }
      if (Character.isHighSurrogate(unit)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      valid = valid == null ? new StringBuilder(text) : valid;
      valid.setCharAt(i, '\uFFFD');
    }
    return valid == null ? text : valid.toString();
  }

  /** Index n: where the n-th code point starts; the library counts in code points. */
  private static int[] unitOfCodePoint(String text) {
    int[] unit = new int[text.length() + 1];
    int codePoints = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      unit[codePoints++] = i;
    }
    unit[codePoints] = text.length();
    return unit;
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    for (int id : ids) {
      if (id < 0) {
        throw new IllegalArgumentException("token id " + id + " is negative");
      }
    }
    long[] longs = Arrays.stream(ids).asLongStream().toArray();
    return asked(() -> library.decode(longs, skipSpecialTokens));
  }

  @Override
  public OptionalInt bosId() {
    return idOfRole("bos_token");
  }

  @Override
  public OptionalInt eosId() {
    return idOfRole("eos_token");
  }

  @Override
  public OptionalInt padId() {
    return idOfRole("pad_token");
  }

  private OptionalInt idOfRole(String role) {
    return source.token(role).map(vocabulary::id).orElse(OptionalInt.empty());
  }

  @Override
  public int vocabularySize() {
    return vocabulary.size();
  }

  @Override
  public String token(int id) {
    String token = vocabulary.token(id);
    if (token == null) {
      throw new IllegalArgumentException(
          "%s: the vocabulary has no token %d".formatted(source.origin(), id));
    }
    return token;
  }

  @Override
  public OptionalInt id(String token) {
    return vocabulary.id(token);
  }

  @Override
  public boolean isSpecial(int id) {
    return vocabulary.isSpecial(id);
  }

  @Override
  public boolean isAdded(int id) {
    return vocabulary.added().containsKey(id);
  }

  @Override
  public boolean addsBos() {
    return addsBos;
  }

  @Override
  public void saveTo(Path folder, @Nullable String chatTemplate) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw CheckpointException.io(folder, "creating the folder", e);
    }
    AtomicFile.write(folder.resolve(TokenizerSource.MODEL_FILE), JsonFiles.pretty(source.model()));
    ObjectNode config = source.config().deepCopy();
    if (chatTemplate != null) {
      config.put(TokenizerSource.TEMPLATE, chatTemplate);
    }
    AtomicFile.write(folder.resolve(TokenizerSource.CONFIG_FILE), JsonFiles.pretty(config));
    AtomicFile.write(
        folder.resolve(TokenizerSource.SPECIAL_TOKENS_FILE),
        JsonFiles.pretty(source.specialTokens()));
  }

  @Override
  public void close() {
    library.close();
  }

  private static int[] toInts(long[] values) {
    int[] ints = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      ints[i] = Math.toIntExact(values[i]);
    }
    return ints;
  }
}
