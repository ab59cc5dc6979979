package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Which token has which id: the entries of {@code tokenizer.json}, added tokens included. */
final class Vocabulary {

  /** Ids index an array, so absurd ones are not entered; the largest vocabularies have 300,000. */
  static final int LARGEST_ID = (1 << 24) - 1;

  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<Integer, String> added = new HashMap<>();
  private final BitSet special = new BitSet();
  private @Nullable String[] tokens = new String[0];
  private int size;

  private Vocabulary() {}

  static Vocabulary of(ObjectNode model) {
    Vocabulary vocabulary = new Vocabulary();
    JsonNode entries = model.path("model").path("vocab");
    if (entries.isObject()) {
      entries
          .properties()
          .forEach(entry -> vocabulary.enter(entry.getKey(), entry.getValue().asInt(-1)));
    } else {
      // Unigram: an array of [token, score], the place is the id.
      for (int id = 0; id < entries.size(); id++) {
        vocabulary.enter(entries.get(id).path(0).asText(), id);
      }
    }
    for (JsonNode added : model.path("added_tokens")) {
      int id = added.path("id").asInt(-1);
      vocabulary.enter(added.path("content").asText(), id);
      vocabulary.added.put(id, added.path("content").asText());
      if (id >= 0 && id <= LARGEST_ID && added.path("special").asBoolean()) {
        vocabulary.special.set(id);
      }
    }
    return vocabulary;
  }

  private void enter(String token, int id) {
    if (id < 0 || id > LARGEST_ID) {
      return;
    }
    if (id >= tokens.length) {
      tokens = java.util.Arrays.copyOf(tokens, Math.max(id + 1, 2 * tokens.length));
    }
    tokens[id] = token;
    ids.put(token, id);
    size = Math.max(size, id + 1);
  }

  OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Nullable String token(int id) {
    return id >= 0 && id < tokens.length ? tokens[id] : null;
  }

  /** The added tokens by id. */
  Map<Integer, String> added() {
    return Collections.unmodifiableMap(added);
  }

  boolean isSpecial(int id) {
    return id >= 0 && special.get(id);
  }

  /** One more than the largest id. */
  int size() {
    return size;
  }
}
