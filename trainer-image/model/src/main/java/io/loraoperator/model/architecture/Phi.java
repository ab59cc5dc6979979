package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;
import io.loraoperator.model.architecture.NormShape.Kind;
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
    int hidden = s.hidden();
    int keyValue = s.heads().keyValues() * s.heads().size();
    double epsilon = config.number("layer_norm_eps", 1e-5);
    var layers = new Layers("model.layers.", s.layers(), epsilon, false);
    Rotary rotary = Rotary.of(config, s.heads().size(), 10_000, 0.5);
    Activation activation = Activation.plain(config, "hidden_act", "gelu_new");
    return new Architecture(
        "phi",
        s.vocabulary(),
        hidden,
        new EmbeddingShape("model.embed_tokens.weight", hidden, 1, null),
        layers.blocks(layer ->
            List.of(
                new BlockShape.Parallel(
                    layers.norm(layer, "input_layernorm", hidden),
                    new AttentionShape(
                        layer,
                        layers.projection(
                            layer,
                            hidden,
                            true,
                            new Projection.Member("self_attn.q_proj", s.heads().outputs()),
                            new Projection.Member("self_attn.k_proj", keyValue),
                            new Projection.Member("self_attn.v_proj", keyValue)),
                        layers.projection(
                            layer, s.heads().outputs(), true, hidden, "self_attn.dense"),
                        s.heads(),
                        Scores.of(s.heads()),
                        rotary,
                        null),
                    new MlpShape(
                        layers.projection(layer, hidden, true, s.inner(), "mlp.fc1"),
                        layers.projection(layer, s.inner(), true, hidden, "mlp.fc2"),
                        activation)))),
        new HeadShape(
            new NormShape(Kind.LAYER, "model.final_layernorm", hidden, epsilon),
            "lm_head",
            hidden,
            config.flag("tie_word_embeddings", false),
            true,
            0),
        "model.",
        List.of("q_proj", "v_proj", "fc1", "fc2"));
  }
}
