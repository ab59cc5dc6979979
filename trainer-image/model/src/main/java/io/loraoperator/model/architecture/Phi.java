package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Heads;
import io.loraoperator.model.architecture.AttentionShape.Scores;
import io.loraoperator.model.architecture.Projection.Member;
import java.util.List;

/**
 * Phi-1, 1.5 and 2: attention and MLP side by side, positions on a part of each head, biases
 * everywhere.
 *
 * @see <a href="https://arxiv.org/abs/2306.11644">Gunasekar et al., 2023</a>
 */
record Phi(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    config.mustBe("qk_layernorm", false, false);
    Sizes s = Sizes.of(config);
    double epsilon = config.number("layer_norm_eps", 1e-5);
    var layers = new Layers("model.layers.", s.layers(), s.hidden(), epsilon, false);
    Rotary rotary = Rotary.of(config, s.heads().size(), 10_000, 0.5);
    Activation activation = Activation.plain(config, "hidden_act", "gelu_new");
    return new Architecture(
        "phi",
        s.vocabulary(),
        s.hidden(),
        new EmbeddingShape("model.embed_tokens.weight", s.hidden(), 1, null),
        layers.blocks(layer ->
            List.of(
                new BlockShape.Parallel(
                    layers.norm(layer, "input_layernorm"),
                    attention(layers, layer, s.heads(), rotary),
                    layers.mlp(layer, s.inner(), true, activation, "mlp.fc1", "mlp.fc2")))),
        new HeadShape(
            NormShape.layer("model.final_layernorm", s.hidden(), epsilon),
            "lm_head",
            s.hidden(),
            config.flag("tie_word_embeddings", false),
            true,
            0),
        "model.",
        List.of("q_proj", "v_proj", "fc1", "fc2"));
  }

  private static AttentionShape attention(Layers layers, int layer, Heads heads, Rotary rotary) {
    var query = new Member("self_attn.q_proj", heads.outputs());
    var key = new Member("self_attn.k_proj", heads.keyValues() * heads.size());
    var value = new Member("self_attn.v_proj", key.outputs());
    Projection in = layers.projection(layer, layers.hidden(), true, query, key, value);
    Projection out = layers.output(layer, heads.outputs(), true, "self_attn.dense");
    return new AttentionShape(layer, in, out, heads, Scores.of(heads), rotary, null);
  }
}
