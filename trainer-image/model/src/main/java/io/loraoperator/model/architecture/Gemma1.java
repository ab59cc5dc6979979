package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;

/**
 * Gemma: Llama's blocks with gains of 1 + w, scaled embeddings and GELU.
 *
 * @see <a href="https://arxiv.org/abs/2403.08295">Gemma Team, 2024</a>
 */
record Gemma1(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    Gemma gemma = Gemma.of(config);
    LlamaModules modules = gemma.modules();
    Rotary rotary = Rotary.of(config, modules.heads().size(), 10_000, 1);
    Activation activation = activation();
    return modules.architecture(
        true,
        Math.sqrt(modules.sizes().hidden()),
        0,
        layer ->
            modules.serial(
                new AttentionShape(
                    layer,
                    gemma.queryKeyValue(layer),
                    gemma.attentionOutput(layer),
                    modules.heads(),
                    Scores.of(modules.heads()),
                    rotary,
                    null),
                modules.mlp(layer, false, activation)));
  }

  /** The first releases say {@code gelu}, and were trained with its approximation by tanh. */
  private Activation activation() {
    String field = "hidden_act";
    return config.text(field, "gelu").equals("gelu")
        ? Activation.GEGLU_TANH
        : Activation.gated(config, field, "");
  }
}
