package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;
import java.util.List;

/**
 * SmolLM3: Llama's blocks, of which some layers turn nothing.
 *
 * @see <a href="https://arxiv.org/abs/2501.18795">Yang et al., 2025</a>
 */
record SmolLm3(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    var modules = LlamaModules.of(config, Sizes.of(config), 1e-6);
    boolean attentionBias = config.flag("attention_bias", false);
    boolean mlpBias = config.flag("mlp_bias", false);
    Activation activation = Activation.gated(config, "hidden_act", "silu");
    Rotary rotary = Rotary.of(config, modules.heads().size(), 2_000_000, 1);
    int layers = modules.sizes().layers();
    int interval = config.positive("no_rope_layer_interval", 4);
    List<Double> turned =
        config.has("no_rope_layers") ? config.numbers("no_rope_layers", layers) : List.of();
    Windows windows =
        config.flag("use_sliding_window", false)
            ? Windows.of(config, layers, layer -> !isTurned(turned, interval, layer))
            : Windows.NONE;
    return modules.architecture(
        true,
        layer ->
            modules.serial(
                new AttentionShape(
                    layer,
                    modules.queryKeyValue(layer, attentionBias),
                    modules.attentionOutput(layer, attentionBias),
                    modules.heads(),
                    Scores.of(modules.heads()).within(windows.of(layer)),
                    isTurned(turned, interval, layer) ? rotary : null,
                    null),
                modules.mlp(layer, mlpBias, activation)));
  }

  /** {@code no_rope_layers} is 1 where positions are turned. */
  private static boolean isTurned(List<Double> turned, int interval, int layer) {
    return turned.isEmpty() ? (layer + 1) % interval != 0 : turned.get(layer) != 0;
  }
}
