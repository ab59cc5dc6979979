package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Heads;
import io.loraoperator.model.architecture.BlockShape.Placement;
import io.loraoperator.model.architecture.EmbeddingShape.LearnedPositions;
import java.util.List;
import java.util.function.IntFunction;

/**
 * What GPT-2 and GPT-Neo share: learned positions, layer norms before each branch, and names.
 *
 * @param inner channels inside the MLP
 * @param positions how many positions there are
 */
record Gpt(
    ConfigFields config,
    int vocabulary,
    int hidden,
    Heads heads,
    int inner,
    int positions,
    Layers layers) {

  private static final String ROOT = "transformer.";

  static Gpt of(
      ConfigFields config,
      int hidden,
      int layers,
      int heads,
      int inner,
      int positions,
      boolean transposed) {
    double epsilon = config.number("layer_norm_epsilon", 1e-5);
    return new Gpt(
        config,
        config.positive("vocab_size"),
        hidden,
        Heads.of(heads, hidden),
        inner,
        positions,
        new Layers(ROOT + "h.", layers, hidden, epsilon, transposed));
  }

  Architecture architecture(IntFunction<AttentionShape> attentions, List<String> defaultTargets) {
    Activation activation = Activation.plain(config, "activation_function", "gelu_new");
    return new Architecture(
        config.text("model_type"),
        vocabulary,
        hidden,
        new EmbeddingShape(
            ROOT + "wte.weight",
            hidden,
            1,
            new LearnedPositions(ROOT + "wpe.weight", positions, 0, hidden)),
        layers.blocks(layer ->
            layers.serial(
                Placement.BEFORE,
                attentions.apply(layer),
                "ln_1",
                layers.mlp(layer, inner, true, activation, "mlp.c_fc", "mlp.c_proj"),
                "ln_2")),
        HeadShape.plain(
            NormShape.layer(ROOT + "ln_f", hidden, layers.epsilon()),
            hidden,
            config.flag("tie_word_embeddings", true)),
        ROOT,
        defaultTargets);
  }
}
