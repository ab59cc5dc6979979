package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A tokenizer with new vocabulary entries, as transformers' {@code tokenizer.add_tokens} makes it
 * of {@code AddedToken(token, normalized=False)}: texts are split at them before anything else, and
 * decoded text keeps them, unlike special tokens.
 *
 * @param source the tokenizer that has them
 * @param ids those of the entries that are new, ascending; an entry that was there keeps its id
 */
record AddedTokens(TokenizerSource source, List<Integer> ids) {

  private static final String FIELD = "added_tokens";
  private static final String BY_ID = "added_tokens_decoder";

  /**
   * Adds tokens; what is an added token already stays as it is.
   *
   * @throws CheckpointException if the next free id, counted as the tokenizers library does, is
   *     taken
   */
  static AddedTokens to(TokenizerSource source, List<String> tokens) {
    ObjectNode model = source.model().deepCopy();
    ObjectNode config = source.config().deepCopy();
    Vocabulary before = Vocabulary.of(model);
    Set<String> present = texts(model);
    ArrayNode added = array(model);
    int next = nextId(model);
    int first = next;
    for (String token : tokens) {
      if (!present.add(token)) {
        continue;
      }
      int id = before.id(token).orElse(next);
      if (id == next) {
        next++;
        if (before.token(id) != null) {
          throw CheckpointException.unsupported(
              source.origin().toString(),
              "the vocabulary has gaps: the id %d of the next new token is that of '%s'"
                  .formatted(id, before.token(id)),
              "Save the tokenizer again with transformers' save_pretrained.");
        }
      }
      ObjectNode entry = describe(JsonFiles.MAPPER.createObjectNode(), token, false);
      if (config.path(BY_ID) instanceof ObjectNode byId) {
        byId.set(Integer.toString(id), entry.deepCopy());
      }
      added.add(entry.put("id", id));
    }
    return new AddedTokens(
        new TokenizerSource(source.origin(), model, config),
        IntStream.range(first, next).boxed().toList());
  }

  /**
   * An adapter's tokenizer in a base model's place, if it has added tokens that the base's lacks.
   */
  static AddedTokens of(TokenizerSource base, TokenizerSource adapter) {
    if (texts(base.model()).containsAll(texts(adapter.model()))) {
      return new AddedTokens(base, List.of());
    }
    int first = Vocabulary.of(base.model()).size();
    int end = Vocabulary.of(adapter.model()).size();
    return new AddedTokens(adapter, IntStream.range(first, end).boxed().toList());
  }

  /** Says of an entry of {@code added_tokens} that it stays whole in a text. */
  static ObjectNode describe(ObjectNode entry, String token, boolean special) {
    return entry
        .put("content", token)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", special);
  }

  /** As the tokenizers library counts: after the vocabulary and all added tokens. */
  private static int nextId(ObjectNode model) {
    int next = model.path("model").path("vocab").size();
    for (JsonNode token : model.path(FIELD)) {
      next = Math.max(next, token.path("id").asInt(-1) + 1);
    }
    return next;
  }

  private static ArrayNode array(ObjectNode model) {
    return model.get(FIELD) instanceof ArrayNode array ? array : model.putArray(FIELD);
  }

  private static Set<String> texts(ObjectNode model) {
    Set<String> texts = new HashSet<>();
    model.path(FIELD).forEach(token -> texts.add(token.path("content").asText()));
    return texts;
  }
}
