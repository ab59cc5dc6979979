package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.PeftConfig;
import io.loraoperator.model.LayerRange;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.LoraVariant;
import io.loraoperator.model.architecture.Architecture;
import java.util.List;

/** An adapter's configuration in PEFT's words, so that PEFT makes the same adapter of it. */
final class AdapterDescription {

  private AdapterDescription() {}

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
        lora.excludeModules(),
        layers == null ? List.of() : layers.indices(),
        lora.rankPattern(),
        lora.alphaPattern());
  }
}
