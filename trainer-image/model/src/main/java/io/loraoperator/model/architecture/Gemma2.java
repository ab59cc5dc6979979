package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;

/**
 * Gemma 2: capped scores and logits, and a window in every other layer.
 *
 * @see <a href="https://arxiv.org/abs/2408.00118">Gemma Team, 2024</a>
 */
record Gemma2(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    Gemma gemma = Gemma.of(config);
    LlamaModules modules = gemma.modules();
    Rotary rotary = Rotary.of(config, modules.heads().size(), 10_000, 1);
    double cap = config.cap("attn_logit_softcapping", 50);
    Windows windows = Windows.of(config, modules.sizes().layers(), layer -> layer % 2 == 0);
    return gemma.architecture(
        config.cap("final_logit_softcapping", 30),
        layer ->
            new AttentionShape(
                layer,
                gemma.queryKeyValue(layer),
                gemma.attentionOutput(layer),
                modules.heads(),
                new Scores(gemma.scoreScale(), cap, windows.of(layer)),
                rotary,
                null));
  }
}
