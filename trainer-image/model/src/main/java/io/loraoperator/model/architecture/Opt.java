package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Heads;
import io.loraoperator.model.architecture.AttentionShape.Scores;
import io.loraoperator.model.architecture.BlockShape.Placement;
import io.loraoperator.model.architecture.NormShape.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * OPT: learned positions behind two unused rows; the model of 350 million weights has its norms
 * after the branches and embeddings of another width.
 *
 * @see <a href="https://arxiv.org/abs/2205.01068">Zhang et al., 2022</a>
 */
record Opt(ConfigFields config) implements Family {

  private static final String ROOT = "model.decoder";

  @Override
  public Architecture architecture() {
    config.mustBe("layer_norm_elementwise_affine", true, true);
    int hidden = config.positive("hidden_size");
    int width = config.positive("word_embed_proj_dim", hidden);
    int vocabulary = config.positive("vocab_size");
    boolean first = config.flag("do_layer_norm_before", true);
    NormShape last =
        first && !config.flag("_remove_final_layer_norm", false)
            ? new NormShape(Kind.LAYER, ROOT + ".final_layer_norm", hidden, 1e-5)
            : null;
    List<BlockShape> blocks = new ArrayList<>(layers(hidden, first));
    if (width != hidden) {
      blocks.addFirst(reprojection(null, "project_in", width, hidden));
      blocks.addLast(reprojection(last, "project_out", hidden, width));
    }
    return new Architecture(
        "opt",
        vocabulary,
        hidden,
        new EmbeddingShape(
            ROOT + ".embed_tokens.weight",
            width,
            1,
            new EmbeddingShape.LearnedPositions(
                ROOT + ".embed_positions.weight",
                config.positive("max_position_embeddings", 2048),
                2,
                hidden)),
        blocks,
        new HeadShape(
            width == hidden ? last : null,
            "lm_head",
            width,
            config.flag("tie_word_embeddings", true),
            false,
            0),
        "model.",
        List.of("q_proj", "v_proj"));
  }

  private static BlockShape reprojection(
      @Nullable NormShape norm, String name, int inputs, int outputs) {
    var member = new Projection.Member(name, outputs);
    var projection = new Projection(-1, ROOT, inputs, List.of(member), false, false);
    return new BlockShape.Reprojection(norm, projection, name.equals("project_in"));
  }

  private List<BlockShape> layers(int hidden, boolean first) {
    int count = config.positive("num_hidden_layers");
    int inner = config.positive("ffn_dim");
    int headCount = config.positive("num_attention_heads");
    var heads = new Heads(headCount, headCount, hidden / headCount);
    boolean bias = config.flag("enable_bias", true);
    Activation activation = Activation.plain(config, "activation_function", "relu");
    Placement placement = first ? Placement.BEFORE : Placement.AFTER;
    var layers = new Layers(ROOT + ".layers.", count, 1e-5, false);
    return layers.blocks(layer ->
        List.of(
            new BlockShape.Residual(
                placement,
                layers.norm(layer, "self_attn_layer_norm", hidden),
                new AttentionShape(
                    layer,
                    layers.projection(
                        layer,
                        hidden,
                        bias,
                        hidden,
                        "self_attn.q_proj",
                        "self_attn.k_proj",
                        "self_attn.v_proj"),
                    layers.projection(layer, hidden, bias, hidden, "self_attn.out_proj"),
                    heads,
                    Scores.of(heads),
                    null,
                    null),
                null),
            new BlockShape.Residual(
                placement,
                layers.norm(layer, "final_layer_norm", hidden),
                new MlpShape(
                    layers.projection(layer, hidden, bias, inner, "fc1"),
                    layers.projection(layer, inner, bias, hidden, "fc2"),
                    activation),
                null)));
  }
}
