package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds {@code tokenizer.json} from a GGUF file's metadata, so that both kinds of models go
 * through the same tokenizer library: byte-level BPE ({@code tokenizer.ggml.model} "gpt2") and
 * sentencepiece's BPE ("llama").
 */
final class GgufTokenizer {

  static final String PREFIX = "tokenizer.ggml.";
  private static final String CHAT_TEMPLATE = "tokenizer.chat_template";

  /** {@code tokenizer.ggml.token_type}: control and user-defined tokens stay whole in a text. */
  static final long CONTROL = 3;

  static final long USER_DEFINED = 4;

  private static final String REMEDY =
      "Save the original model's tokenizer beside the file (python3 -c \"from transformers import"
          + " AutoTokenizer as T; T.from_pretrained('MODEL').save_pretrained('FOLDER')\") and give"
          + " the folder, with this one .gguf in it.";

  private GgufTokenizer() {}

  static TokenizerSource read(GgufFile file) {
    String kind = file.string(PREFIX + "model").orElseThrow(() -> file.missing(PREFIX + "model"));
    List<String> tokens =
        file.list(PREFIX + "tokens", String.class)
            .orElseThrow(() -> file.missing(PREFIX + "tokens"));
    ObjectNode model = JsonFiles.MAPPER.createObjectNode();
    model.put("version", "1.0");
    model.putNull("truncation");
    model.putNull("padding");
    boolean addsBos =
        switch (kind) {
          case "gpt2" -> byteLevel(file, tokens, model);
          case "llama" -> {
            new GgufSentencePieces(file, tokens, types(file, tokens)).describe(model);
            yield true;
          }
          default ->
              throw CheckpointException.unsupported(
                  file.path().toString(),
                  ("its tokenizer is of kind '%s'; byte-level BPE ('gpt2') and sentencepiece's BPE"
                          + " ('llama') are read from GGUF")
                      .formatted(kind),
                  REMEDY);
        };
    ObjectNode config = config(file, tokens);
    boolean addBos = file.bool(PREFIX + "add_bos_token").orElse(addsBos);
    boolean addEos = file.bool(PREFIX + "add_eos_token").orElse(false);
    SpecialTokenTemplate.apply(
        model,
        addBos ? config.path("bos_token").textValue() : null,
        addEos ? config.path("eos_token").textValue() : null);
    return new TokenizerSource(file.path(), model, config);
  }

  /**
   * @return whether BOS is added where the file does not say
   */
  private static boolean byteLevel(GgufFile file, List<String> tokens, ObjectNode model) {
    String pre = file.string(PREFIX + "pre").orElse(GgufPreTokenizers.DEFAULT);
    ObjectNode preTokenizer = GgufPreTokenizers.json(pre);
    if (preTokenizer == null) {
      throw CheckpointException.unsupported(
          file.path().toString(),
          "its pre-tokenizer '%s' is not known (known: %s)"
              .formatted(pre, String.join(", ", GgufPreTokenizers.names())),
          REMEDY);
    }
    addedTokens(tokens, types(file, tokens), model.putArray("added_tokens"));
    model.putNull("normalizer");
    model.set("pre_tokenizer", preTokenizer);
    model.putNull("post_processor");
    model.set("decoder", GgufPreTokenizers.byteLevel(true));
    bytePairs(file, tokens, GgufPreTokenizers.ignoresMerges(pre), model.putObject("model"));
    return GgufPreTokenizers.addsBosByDefault(pre);
  }

  /** {@code tokenizer.ggml.token_type}, one a token; empty if the file has none. */
  private static List<Long> types(GgufFile file, List<String> tokens) {
    List<Long> types = file.list(PREFIX + "token_type", Long.class).orElse(List.of());
    if (!types.isEmpty() && types.size() != tokens.size()) {
      throw CheckpointException.invalid(
          file.path().toString(),
          "has %d tokens and %d token types".formatted(tokens.size(), types.size()),
          "Convert the model to GGUF again.");
    }
    return types;
  }

  private static void addedTokens(List<String> tokens, List<Long> types, ArrayNode added) {
    for (int id = 0; id < types.size(); id++) {
      long type = types.get(id);
      // A token in other characters than the byte alphabet's is a text, mislabelled by the
      // converter.
      if ((type == CONTROL || type == USER_DEFINED) && ByteAlphabet.spells(tokens.get(id))) {
        add(added, id, tokens.get(id), type == CONTROL);
      }
    }
  }

  /** A token that stays whole in a text. */
  static void add(ArrayNode added, int id, String token, boolean special) {
    AddedTokens.describe(added.addObject().put("id", id), token, special);
  }

  private static void bytePairs(
      GgufFile file, List<String> tokens, boolean ignoreMerges, ObjectNode model) {
    model.put("type", "BPE");
    model.putNull("dropout");
    model.putNull("unk_token");
    model.put("continuing_subword_prefix", "");
    model.put("end_of_word_suffix", "");
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("ignore_merges", ignoreMerges);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      String spelled =
          ByteAlphabet.spells(token)
              ? token
              : ByteAlphabet.spell(token.getBytes(StandardCharsets.UTF_8));
      if (vocabulary.has(spelled)) {
        throw invalid(file, "has the token '%s' twice".formatted(token));
      }
      vocabulary.put(spelled, id);
    }
    ArrayNode merges = model.putArray("merges");
    List<String> pairs =
        file.list(PREFIX + "merges", String.class)
            .orElseThrow(() -> file.missing(PREFIX + "merges"));
    addMerges(file, pairs, vocabulary, merges);
  }

  /** Merges as files list them: two tokens with a space between. */
  static void addMerges(
      GgufFile file, List<String> pairs, ObjectNode vocabulary, ArrayNode merges) {
    for (String merge : pairs) {
      int space = merge.indexOf(' ');
      if (space < 1 || space == merge.length() - 1 || merge.indexOf(' ', space + 1) >= 0) {
        throw invalid(file, "has the merge '%s', which is not two tokens".formatted(merge));
      }
      String left = merge.substring(0, space);
      String right = merge.substring(space + 1);
      for (String part : new String[] {left, right, left + right}) {
        if (!vocabulary.has(part)) {
          throw invalid(file, "has the merge '%s', but no token '%s'".formatted(merge, part));
        }
      }
      merges.addArray().add(left).add(right);
    }
  }

  private static ObjectNode config(GgufFile file, List<String> tokens) {
    ObjectNode config = JsonFiles.MAPPER.createObjectNode();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    config.put("clean_up_tokenization_spaces", false);
    put(config, "bos_token", roleToken(file, tokens, "bos_token_id"));
    put(config, "eos_token", roleToken(file, tokens, "eos_token_id"));
    put(config, "unk_token", roleToken(file, tokens, "unknown_token_id"));
    put(config, "pad_token", roleToken(file, tokens, "padding_token_id"));
    file.integer(file.architecture() + ".context_length")
        .ifPresent(n -> config.put("model_max_length", n));
    file.string(CHAT_TEMPLATE).ifPresent(template -> config.put("chat_template", template));
    return config;
  }

  private static void put(ObjectNode config, String role, @Nullable String token) {
    if (token != null) {
      config.put(role, token);
    }
  }

  private static @Nullable String roleToken(GgufFile file, List<String> tokens, String key) {
    Long id = file.integer(PREFIX + key).orElse(null);
    if (id == null) {
      return null;
    }
    if (id < 0 || id >= tokens.size()) {
      throw invalid(file, "%s%s is %d, of %d tokens".formatted(PREFIX, key, id, tokens.size()));
    }
    return tokens.get(id.intValue());
  }

  static CheckpointException invalid(GgufFile file, String problem) {
    return CheckpointException.invalid(
        file.path().toString(), problem, "Convert the model to GGUF again.");
  }
}
