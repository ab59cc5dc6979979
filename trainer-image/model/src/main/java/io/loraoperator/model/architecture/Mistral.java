package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;

/**
 * Mistral: Llama's blocks with a window in every layer.
 *
 * @see <a href="https://arxiv.org/abs/2310.06825">Jiang et al., 2023</a>
 */
record Mistral(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    var modules = LlamaModules.of(config, Sizes.of(config), 1e-6);
    Activation activation = Activation.gated(config, "hidden_act", "silu");
    Rotary rotary = Rotary.of(config, modules.heads().size(), 10_000, 1);
    Windows windows = Windows.of(config, modules.sizes().layers(), layer -> true);
    return modules.architecture(
        false,
        layer ->
            modules.serial(
                new AttentionShape(
                    layer,
                    modules.queryKeyValue(layer, false),
                    modules.attentionOutput(layer, false),
                    modules.heads(),
                    Scores.of(modules.heads()).within(windows.of(layer)),
                    rotary,
                    null),
                modules.mlp(layer, false, activation)));
  }
}
