package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;
import org.jspecify.annotations.Nullable;

/**
 * Gemma 3's text model: norms within the heads, and a window with rotary positions of its own in
 * five of six layers.
 *
 * @see <a href="https://arxiv.org/abs/2503.19786">Gemma Team, 2025</a>
 */
record Gemma3(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    Gemma gemma = Gemma.of(config);
    LlamaModules modules = gemma.modules();
    ConfigFields rope = config.object("rope_parameters");
    ConfigFields scaling = config.object("rope_scaling");
    Rotary everywhere =
        rotary(rope == null ? scaling : rope.object("full_attention"), "rope_theta", 1_000_000);
    Rotary inWindow =
        rotary(
            rope == null ? null : rope.object("sliding_attention"), "rope_local_base_freq", 10_000);
    int pattern = config.positive("sliding_window_pattern", 6);
    double cap = config.cap("attn_logit_softcapping", 0);
    Windows windows =
        Windows.of(config, modules.sizes().layers(), layer -> (layer + 1) % pattern != 0);
    return gemma.architecture(
        config.cap("final_logit_softcapping", 0),
        layer ->
            new AttentionShape(
                layer,
                gemma.queryKeyValue(layer),
                gemma.attentionOutput(layer),
                modules.heads(),
                new Scores(gemma.scoreScale(), cap, windows.of(layer)),
                windows.isSliding(layer) ? inWindow : everywhere,
                modules.headNorms(layer)));
  }

  private Rotary rotary(@Nullable ConfigFields given, String theta, double absent) {
    int headSize = config.positive("head_dim", 256);
    return Rotary.of(config, given, headSize, config.number(theta, absent), 1);
  }
}
