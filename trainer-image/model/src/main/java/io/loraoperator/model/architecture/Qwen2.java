package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;

/**
 * Qwen2 and Qwen2.5: Llama's blocks with biases on queries, keys and values.
 *
 * @see <a href="https://arxiv.org/abs/2407.10671">Yang et al., 2024</a>
 */
record Qwen2(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    var modules = LlamaModules.of(config, Sizes.of(config), 1e-6);
    Activation activation = Activation.gated(config, "hidden_act", "silu");
    Rotary rotary = Rotary.of(config, modules.heads().size(), 10_000, 1);
    Windows windows = Windows.ofUpperLayers(config, modules.sizes().layers());
    return modules.architecture(
        false,
        layer ->
            modules.serial(
                new AttentionShape(
                    layer,
                    modules.queryKeyValue(layer, true),
                    modules.attentionOutput(layer, false),
                    modules.heads(),
                    Scores.of(modules.heads()).within(windows.of(layer)),
                    rotary,
                    null),
                modules.mlp(layer, false, activation)));
  }
}
