package io.loraoperator.checkpoint;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** A normalizer of {@code tokenizer.json} alone, run by the tokenizers library. */
final class Normalization implements AutoCloseable {

  private final HuggingFaceTokenizer library;

  /** The model makes one token of any text: the text as it is normalised. */
  Normalization(JsonNode normalizer) throws IOException {
    ObjectNode tokenizer = JsonFiles.MAPPER.createObjectNode();
    tokenizer.set("normalizer", normalizer);
    ObjectNode model = tokenizer.putObject("model").put("type", "Unigram").put("unk_id", 0);
    model.putArray("vocab").addArray().add("<unk>").add(0.0);
    library = FastTokenizer.library(tokenizer);
  }

  String of(String text) {
    return String.join("", library.encode(text, false, false).getTokens());
  }

  @Override
  public void close() {
    library.close();
  }
}
