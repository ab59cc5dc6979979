package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;
import io.loraoperator.model.architecture.Projection.Member;
import java.util.List;

/**
 * Phi-3, 3.5 and 4: Llama's blocks with queries, keys and values, and gates and values, as one
 * module each.
 *
 * @see <a href="https://arxiv.org/abs/2404.14219">Abdin et al., 2024</a>
 */
record Phi3(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    Sizes sizes = Sizes.of(config);
    var modules = LlamaModules.of(config, sizes, 1e-5);
    Activation activation = Activation.gated(config, "hidden_act", "silu");
    Rotary rotary = Rotary.of(config, sizes.heads().size(), 10_000, 1);
    Windows windows = Windows.of(config, sizes.layers(), layer -> true);
    return modules
        .architecture(
            false,
            layer ->
                modules.serial(
                    new AttentionShape(
                        layer,
                        modules.projection(
                            layer,
                            sizes.hidden(),
                            false,
                            new Member("self_attn.qkv_proj", sizes.heads().inputs())),
                        modules.attentionOutput(layer, false),
                        sizes.heads(),
                        Scores.of(sizes.heads()).within(windows.of(layer)),
                        rotary,
                        null),
                    new MlpShape(
                        modules.projection(
                            layer,
                            sizes.hidden(),
                            false,
                            new Member("mlp.gate_up_proj", 2 * sizes.inner())),
                        modules.mlp(layer, false, activation).output(),
                        activation)))
        .withDefaultTargets(List.of("qkv_proj"));
  }
}
