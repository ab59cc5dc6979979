package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.PeftConfig;
import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedModelException;
import java.nio.file.Path;
import java.util.Map;

/** The adapter that a run goes on from, {@code spec.lora.initialAdapter}. */
final class InitialAdapter {

  private InitialAdapter() {}

  /**
   * Gives a model the adapter's values.
   *
   * @param folder of the adapter
   * @throws InvalidSpecException if it is not of the form that the specification asks for
   */
  static void load(
      Path folder,
      FineTunableModel model,
      BaseModelFiles base,
      LoraConfig lora,
      Architecture architecture) {
    try {
      PeftAdapter adapter = PeftAdapter.read(folder);
      AdapterDescription.requireTying(adapter, architecture);
      requireSameTokens(folder, adapter.config(), base, lora);
      model.loadAdapter(adapter.tensors());
    } catch (UnsupportedModelException e) {
      throw new InvalidSpecException(
          "spec.lora.initialAdapter",
          String.valueOf(e.getMessage()),
          "set rank, targetModules, variant and bias of spec.lora as the adapter_config.json there says,"
              + " and spec.baseModel.addedTokens to its new tokens");
    }
  }

  /** The adapter's own tokenizer is looked at if there is one. */
  private static void requireSameTokens(
      Path folder, PeftConfig adapter, BaseModelFiles base, LoraConfig lora) {
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
