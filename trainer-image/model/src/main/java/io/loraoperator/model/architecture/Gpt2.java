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
    Gpt gpt =
        Gpt.of(
            config,
            hidden,
            config.positive("n_layer"),
            config.positive("n_head"),
            config.positive("n_inner", 4 * hidden),
            config.positive("n_positions", 1024),
            true);
    boolean scaled = config.flag("scale_attn_weights", true);
    boolean byLayer = config.flag("scale_attn_by_inverse_layer_idx", false);
    return gpt.architecture(
        layer -> {
          double scale = scaled ? Scores.of(gpt.heads()).scale() : 1;
          return new AttentionShape(
              layer,
              gpt.layers().projection(layer, hidden, true, 3 * hidden, "attn.c_attn"),
              gpt.layers().projection(layer, hidden, true, hidden, "attn.c_proj"),
              gpt.heads(),
              new Scores(byLayer ? scale / (layer + 1) : scale, 0, 0),
              null,
              null);
        },
        List.of("c_attn"));
  }
}
