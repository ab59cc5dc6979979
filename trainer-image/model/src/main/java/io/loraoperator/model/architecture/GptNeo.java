package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;
import java.util.List;

/**
 * GPT-Neo: scores that are not scaled, and a window in some layers.
 *
 * @see <a href="https://doi.org/10.5281/zenodo.5297715">Black et al., 2021</a>
 */
record GptNeo(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    int hidden = config.positive("hidden_size");
    int count = config.positive("num_layers");
    int heads = config.positive("num_heads");
    int inner = config.positive("intermediate_size", 4 * hidden);
    int positions = config.positive("max_position_embeddings", 2048);
    Gpt gpt = Gpt.of(config, hidden, count, heads, inner, positions, false);
    Windows windows = Windows.ofAttentionTypes(config, count);
    String[] inputs = {"attn.attention.q_proj", "attn.attention.k_proj", "attn.attention.v_proj"};
    return gpt.architecture(
        layer -> {
          Layers layers = gpt.layers();
          Projection output = layers.output(layer, hidden, true, "attn.attention.out_proj");
          var scores = new Scores(1, 0, windows.of(layer));
          return layers.attention(layer, gpt.heads(), scores, false, output, inputs);
        },
        List.of("q_proj", "v_proj"));
  }
}
