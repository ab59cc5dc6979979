package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;
import java.util.List;

/**
 * GPT-2: weights stored transposed, queries, keys and values as one module.
 *
 * @see <a href="https://openai.com/index/better-language-models/">Radford et al., 2019</a>
 */
record Gpt2(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    config.mustBe("add_cross_attention", false, false);
    int hidden = config.positive("n_embd");
    int count = config.positive("n_layer");
    int heads = config.positive("n_head");
    int inner = config.positive("n_inner", 4 * hidden);
    int positions = config.positive("n_positions", 1024);
    Gpt gpt = Gpt.of(config, hidden, count, heads, inner, positions, true);
    boolean scaled = config.flag("scale_attn_weights", true);
    boolean byLayer = config.flag("scale_attn_by_inverse_layer_idx", false);
    return gpt.architecture(
        layer -> {
          Layers layers = gpt.layers();
          Projection output = layers.output(layer, hidden, true, "attn.c_proj");
          double scale = scaled ? Scores.of(gpt.heads()).scale() : 1;
          var scores = new Scores(byLayer ? scale / (layer + 1) : scale, 0, 0);
          return layers.attention(layer, gpt.heads(), scores, true, output, "attn.c_attn");
        },
        List.of("c_attn"));
  }
}
