package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;

/**
 * Qwen3: Llama's blocks with norms within the heads.
 *
 * @see <a href="https://arxiv.org/abs/2505.09388">Yang et al., 2025</a>
 */
record Qwen3(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    var modules = LlamaModules.of(config, Sizes.of(config, config.positive("head_dim", 128)), 1e-6);
    boolean bias = config.flag("attention_bias", false);
    Activation activation = Activation.gated(config, "hidden_act", "silu");
    Rotary rotary = Rotary.of(config, modules.heads().size(), 10_000, 1);
    Windows windows = Windows.ofUpperLayers(config, modules.sizes().layers());
    return modules.architecture(
        false,
        layer ->
            modules.serial(
                new AttentionShape(
                    layer,
                    modules.queryKeyValue(layer, bias),
                    modules.attentionOutput(layer, bias),
                    modules.heads(),
                    Scores.of(modules.heads()).within(windows.of(layer)),
                    rotary,
                    modules.headNorms(layer)),
                modules.mlp(layer, false, activation)));
  }
}
