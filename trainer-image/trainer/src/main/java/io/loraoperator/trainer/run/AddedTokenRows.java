package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.PeftConfig;
import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.architecture.UnsupportedModelException;
import java.nio.file.Path;
import java.util.Map;

/** Whether the rows of an adapter are those of a run's new tokens. */
final class AddedTokenRows {

  private AddedTokenRows() {}

  /**
   * Refuses to go on from an adapter of other tokens.
   *
   * @param folder of the adapter, whose tokenizer is looked at if there is one
   * @throws UnsupportedModelException naming the first token that differs
   */
  static void requireSame(Path folder, PeftConfig adapter, BaseModelFiles base, LoraConfig lora) {
    if (!adapter.trainedTokens().equals(lora.trainedTokens())) {
      throw new UnsupportedModelException(
          "The adapter trains the rows of the tokens %s, and this run those of %s."
              .formatted(adapter.trainedTokens(), lora.trainedTokens()));
    }
    Map<Integer, String> theirs = Tokenizer.addedTokensIn(folder);
    for (int id : base.newTokens()) {
      String own = base.tokenizer().token(id);
      if (!theirs.isEmpty() && !own.equals(theirs.get(id))) {
        throw new UnsupportedModelException(
            "The token %d is %s here and %s in the adapter's tokenizer."
                .formatted(id, own, theirs.getOrDefault(id, "no added token")));
      }
    }
  }
}
