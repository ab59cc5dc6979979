package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** The post-processor of {@code tokenizer.json} that puts BOS before and EOS after a text. */
final class SpecialTokenTemplate {

  private SpecialTokenTemplate() {}

  /** Sets the post-processor; a token that is null or that the vocabulary lacks is not added. */
  static void apply(ObjectNode model, @Nullable String bos, @Nullable String eos) {
    Vocabulary vocabulary = Vocabulary.of(model);
    ObjectNode processor = JsonFiles.MAPPER.createObjectNode();
    processor.put("type", "TemplateProcessing");
    ArrayNode single = processor.putArray("single");
    ArrayNode pair = processor.putArray("pair");
    ObjectNode tokens = processor.putObject("special_tokens");
    addToken(vocabulary, bos, 0, single, tokens);
    addSequence("A", 0, single);
    addToken(vocabulary, eos, 0, single, tokens);
    pair.addAll(single);
    addToken(vocabulary, bos, 1, pair, tokens);
    addSequence("B", 1, pair);
    addToken(vocabulary, eos, 1, pair, tokens);
    model.set("post_processor", processor);
  }

  private static void addToken(
      Vocabulary vocabulary, @Nullable String token, int type, ArrayNode to, ObjectNode tokens) {
    if (token == null || vocabulary.id(token).isEmpty()) {
      return;
    }
    to.addObject().putObject("SpecialToken").put("id", token).put("type_id", type);
    ObjectNode entry = tokens.putObject(token).put("id", token);
    entry.putArray("ids").add(vocabulary.id(token).getAsInt());
    entry.putArray("tokens").add(token);
  }

  private static void addSequence(String id, int type, ArrayNode to) {
    to.addObject().putObject("Sequence").put("id", id).put("type_id", type);
  }
}
