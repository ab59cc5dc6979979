package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;

/**
 * Llama 2 and 3, SmolLM and SmolLM2, and what shares their blocks.
 *
 * @see <a href="https://arxiv.org/abs/2407.21783">Grattafiori et al., 2024</a>
 */
record Llama(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    var modules = LlamaModules.of(config, Sizes.of(config), 1e-6);
    boolean attentionBias = config.flag("attention_bias", false);
    boolean mlpBias = config.flag("mlp_bias", false);
    Activation activation = Activation.gated(config, "hidden_act", "silu");
    Rotary rotary = Rotary.of(config, modules.heads().size(), 10_000, 1);
    return modules.architecture(
        false,
        layer ->
            modules.serial(
                new AttentionShape(
                    layer,
                    modules.queryKeyValue(layer, attentionBias),
                    modules.attentionOutput(layer, attentionBias),
                    modules.heads(),
                    Scores.of(modules.heads()),
                    rotary,
                    null),
                modules.mlp(layer, mlpBias, activation)));
  }
}
