package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Heads;
import io.loraoperator.model.architecture.NormShape.Kind;
import io.loraoperator.model.architecture.Projection.Member;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Modules that many families have under the names that Llama's have. */
record LlamaModules(ConfigFields config, Sizes sizes, Kind norms, double epsilon) {

  private static final String ROOT = "model.";

  /** With root mean square norms. */
  static LlamaModules of(ConfigFields config, Sizes sizes, double epsilon) {
    return new LlamaModules(config, sizes, Kind.RMS, config.number("rms_norm_eps", epsilon));
  }

  Heads heads() {
    return sizes.heads();
  }

  static String layer(int layer) {
    return ROOT + "layers." + layer;
  }

  Projection projection(int layer, int inputs, boolean bias, Member... members) {
    return new Projection(layer, layer(layer), inputs, List.of(members), bias, false);
  }

  Projection queryKeyValue(int layer, boolean bias) {
    int keyValue = heads().keyValues() * heads().size();
    return projection(
        layer,
        sizes.hidden(),
        bias,
        new Member("self_attn.q_proj", heads().outputs()),
        new Member("self_attn.k_proj", keyValue),
        new Member("self_attn.v_proj", keyValue));
  }

  Projection attentionOutput(int layer, boolean bias) {
    return projection(
        layer, heads().outputs(), bias, new Member("self_attn.o_proj", sizes.hidden()));
  }

  MlpShape mlp(int layer, boolean bias, Activation activation) {
    return new MlpShape(
        projection(
            layer,
            sizes.hidden(),
            bias,
            new Member("mlp.gate_proj", sizes.inner()),
            new Member("mlp.up_proj", sizes.inner())),
        projection(layer, sizes.inner(), bias, new Member("mlp.down_proj", sizes.hidden())),
        activation);
  }

  NormShape norm(int layer, String name, int size) {
    return new NormShape(norms, layer(layer) + "." + name, size, epsilon);
  }

  /** Attention, then MLP, each with its norm before it. */
  List<BlockShape> serial(AttentionShape attention, MlpShape mlp) {
    int layer = attention.layer();
    return List.of(
        new BlockShape.Residual(norm(layer, "input_layernorm", sizes.hidden()), attention),
        new BlockShape.Residual(norm(layer, "post_attention_layernorm", sizes.hidden()), mlp));
  }

  /** Norms within the heads. */
  AttentionShape.HeadNorms headNorms(int layer) {
    return new AttentionShape.HeadNorms(
        norm(layer, "self_attn.q_norm", heads().size()),
        norm(layer, "self_attn.k_norm", heads().size()));
  }

  /** A decoder of such layers, with nothing else about it. */
  Architecture architecture(boolean tied, IntFunction<List<BlockShape>> layers) {
    return architecture(tied, 1, 0, layers);
  }

  /**
   * A decoder of such layers.
   *
   * @param tied whether the embedding is the head's weight where the configuration is silent
   * @param embeddingScale factor on embeddings
   * @param softCap of the logits; 0 without
   */
  Architecture architecture(
      boolean tied, double embeddingScale, double softCap, IntFunction<List<BlockShape>> layers) {
    return new Architecture(
        config.text("model_type"),
        sizes.vocabulary(),
        sizes.hidden(),
        new EmbeddingShape(ROOT + "embed_tokens.weight", sizes.hidden(), embeddingScale, null),
        IntStream.range(0, sizes.layers())
            .boxed()
            .flatMap(layer -> layers.apply(layer).stream())
            .toList(),
        new HeadShape(
            new NormShape(norms, ROOT + "norm", sizes.hidden(), epsilon),
            "lm_head",
            sizes.hidden(),
            config.flag("tie_word_embeddings", tied),
            false,
            softCap),
        ROOT,
        List.of("q_proj", "v_proj"));
  }
}
