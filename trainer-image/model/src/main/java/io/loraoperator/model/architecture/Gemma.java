package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.BlockShape.Placement;
import io.loraoperator.model.architecture.NormShape.Kind;
import java.util.List;
import java.util.function.IntFunction;

/**
 * What the Gemmas share: Llama's modules with gains of 1 + w and embeddings scaled by the root of
 * their width; and what Gemma 2 and 3 do: norms before and after each branch.
 */
record Gemma(ConfigFields config, LlamaModules modules) {

  static Gemma of(ConfigFields config) {
    config.mustBe("use_bidirectional_attention", false, false);
    Sizes sizes = Sizes.of(config, config.positive("head_dim", 256));
    return new Gemma(
        config,
        new LlamaModules(config, sizes, Kind.RMS_ONE_PLUS, config.number("rms_norm_eps", 1e-6)));
  }

  /** The factor on scores. */
  double scoreScale() {
    return 1 / Math.sqrt(config.number("query_pre_attn_scalar", 256));
  }

  Projection queryKeyValue(int layer) {
    return modules.queryKeyValue(layer, config.flag("attention_bias", false));
  }

  Projection attentionOutput(int layer) {
    return modules.attentionOutput(layer, config.flag("attention_bias", false));
  }

  Architecture architecture(double softCap, IntFunction<AttentionShape> attentions) {
    Activation activation = Activation.gated(config, "hidden_activation", "gelu_pytorch_tanh");
    return modules.architecture(
        true,
        Math.sqrt(modules.sizes().hidden()),
        softCap,
        layer ->
            List.of(
                residual(
                    layer, "input_layernorm", attentions.apply(layer), "post_attention_layernorm"),
                residual(
                    layer,
                    "pre_feedforward_layernorm",
                    modules.mlp(layer, false, activation),
                    "post_feedforward_layernorm")));
  }

  private BlockShape residual(int layer, String before, BranchShape branch, String after) {
    int hidden = modules.sizes().hidden();
    return new BlockShape.Residual(
        Placement.BEFORE,
        modules.norm(layer, before, hidden),
        branch,
        modules.norm(layer, after, hidden));
  }
}
