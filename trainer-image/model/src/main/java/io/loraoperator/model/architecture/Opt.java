package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Heads;
import io.loraoperator.model.architecture.AttentionShape.Scores;
import io.loraoperator.model.architecture.BlockShape.Placement;
import io.loraoperator.model.architecture.EmbeddingShape.LearnedPositions;
import java.util.List;

/**
 * OPT: learned positions behind two unused rows; the model of 350 million weights has its norms
 * after the branches and embeddings of another width.
 *
 * @see <a href="https://arxiv.org/abs/2205.01068">Zhang et al., 2022</a>
 */
record Opt(ConfigFields config) implements Family {

  private static final String ROOT = "model.decoder.";

  @Override
  public Architecture architecture() {
    config.mustBe("layer_norm_elementwise_affine", true, true);
    int hidden = config.positive("hidden_size");
    int width = config.positive("word_embed_proj_dim", hidden);
    int positions = config.positive("max_position_embeddings", 2048);
    boolean bias = config.flag("enable_bias", true);
    boolean before = config.flag("do_layer_norm_before", true);
    boolean normed = before && !config.flag("_remove_final_layer_norm", false);
    NormShape norm = normed ? NormShape.layer(ROOT + "final_layer_norm", hidden, 1e-5) : null;
    Activation activation = Activation.plain(config, "activation_function", "relu");
    var heads = Heads.of(config.positive("num_attention_heads"), hidden);
    int depth = config.positive("num_hidden_layers");
    var layers = new Layers(ROOT + "layers.", depth, hidden, 1e-5, false);
    Placement placement = before ? Placement.BEFORE : Placement.AFTER;
    String[] inputs = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"};
    List<BlockShape> blocks =
        layers.blocks(layer -> {
          Projection output = layers.output(layer, hidden, bias, "self_attn.out_proj");
          var attention = layers.attention(layer, heads, Scores.of(heads), bias, output, inputs);
          MlpShape mlp =
              layers.mlp(layer, config.positive("ffn_dim"), bias, activation, "fc1", "fc2");
          return layers.serial(
              placement, attention, "self_attn_layer_norm", mlp, "final_layer_norm");
        });
    if (width != hidden) {
      blocks.addFirst(BlockShape.Reprojection.of(null, ROOT, "project_in", width, hidden, true));
      blocks.addLast(BlockShape.Reprojection.of(norm, ROOT, "project_out", hidden, width, false));
    }
    var learned = new LearnedPositions(ROOT + "embed_positions.weight", positions, 2, hidden);
    return new Architecture(
        "opt",
        config.positive("vocab_size"),
        hidden,
        new EmbeddingShape(ROOT + "embed_tokens.weight", width, 1, learned),
        blocks,
        HeadShape.plain(
            width == hidden ? norm : null, width, config.flag("tie_word_embeddings", true)),
        "model.",
        List.of("q_proj", "v_proj"));
  }
}
