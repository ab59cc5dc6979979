package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.PeftBias;
import io.loraoperator.checkpoint.PeftConfig;
import io.loraoperator.model.LayerRange;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.LoraVariant;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedModelException;
import java.util.List;

/** An adapter's configuration in PEFT's words, so that PEFT makes the same adapter of it. */
public final class AdapterDescription {

  private AdapterDescription() {}

  /**
   * Refuses an adapter of PEFT whose embedding left the head that the model ties to it, or whose
   * low-rank weights for both are tied.
   *
   * @throws UnsupportedModelException if so
   */
  public static void requireTying(PeftAdapter adapter, Architecture architecture) {
    PeftConfig config = adapter.config();
    if (config.ensuresWeightTying()
        && (adapter.modules().contains(architecture.embedding().module())
            || adapter.modules().contains(architecture.head().path()))) {
      throw new UnsupportedModelException(
          "The adapter has low-rank weights for the embedding or the head, with ensure_weight_tying.");
    }
    if (architecture.head().tied()
        && !config.modulesToSave().isEmpty()
        && !config.ensuresWeightTying()) {
      throw new UnsupportedModelException(
          "The adapter trains %s of a model that ties the head to the embedding, without"
                  .formatted(String.join(", ", config.modulesToSave()))
              + " ensure_weight_tying.");
    }
  }

  /**
   * Describes an adapter.
   *
   * @param baseModel what it belongs to
   */
  static PeftConfig of(String baseModel, LoraConfig lora, Architecture architecture) {
    LayerRange layers = lora.layers();
    return new PeftConfig(
        baseModel,
        lora.rank(),
        lora.alpha(),
        lora.dropout(),
        // PEFT's all-linear is what it thinks of another version of the model's code.
        lora.targetModules().equals(List.of(LoraConfig.ALL_LINEAR))
            ? lora.resolvedTargets(architecture)
            : lora.targetModules(),
        lora.variant() == LoraVariant.RANK_STABILIZED,
        lora.variant() == LoraVariant.DORA,
        lora.excludeModules(),
        layers == null ? List.of() : layers.indices(),
        lora.rankPattern(),
        lora.alphaPattern(),
        lora.trainedModules(architecture).stream()
            .map(module -> module.substring(module.lastIndexOf('.') + 1))
            .toList(),
        switch (lora.bias()) {
          case NONE -> PeftBias.NONE;
          case ALL -> PeftBias.ALL;
          case LORA_ONLY -> PeftBias.LORA_ONLY;
        },
        lora.trainedTokens(),
        architecture.head().tied() && !lora.modulesToSave().isEmpty());
  }
}
