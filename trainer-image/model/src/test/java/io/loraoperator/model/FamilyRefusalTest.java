package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings and tensors of each family that are not built, or not there, are refused by name. */
class FamilyRefusalTest {

  static List<Arguments> unsupportedSettings() {
    return List.of(
        setting("gemma2", "hidden_activation", "relu", "hidden_activation relu"),
        setting("gemma2", "use_bidirectional_attention", true, "use_bidirectional_attention"),
        setting("gemma2", "attn_logit_softcapping", -1.0, "attn_logit_softcapping"),
        setting("gemma3", "layer_types", List.of("full_attention"), "layer_types"),
        setting("gemma3", "model_type", "gemma3", "model_type gemma3"),
        setting("gpt-neo", "attention_types", List.of(), "attention_types"),
        setting(
            "gpt-neo", "attention_types", List.of(List.of(List.of("ring"), 3)), "attention_types"),
        setting("gpt2", "activation_function", "tanh", "activation_function tanh"),
        setting("gpt2", "add_cross_attention", true, "add_cross_attention"),
        setting("gpt2", "n_embd", null, "n_embd"),
        setting("mistral", "sliding_window", "wide", "sliding_window"),
        setting("opt", "layer_norm_elementwise_affine", false, "layer_norm_elementwise_affine"),
        setting("opt", "activation_function", "swish", "activation_function swish"),
        setting("phi", "qk_layernorm", true, "qk_layernorm"),
        setting("phi", "hidden_act", "silu", "hidden_act silu"),
        setting(
            "phi3",
            "rope_parameters",
            Map.of(
                "rope_type", "longrope",
                "short_factor", List.of(1.0),
                "long_factor", List.of(1.0)),
            "short_factor"),
        setting("qwen2", "layer_types", List.of("a", "b", "c"), "layer_types a"),
        setting("qwen3", "rope_parameters", Map.of("rope_type", "dynamic"), "factor"),
        setting("smollm3", "no_rope_layers", List.of(1, 0), "no_rope_layers"));
  }

  private static Arguments setting(
      String fixture, String field, @Nullable Object value, String named) {
    return Arguments.of(fixture, field, value, named);
  }

  @ParameterizedTest(name = "{0}: {1} {2}")
  @MethodSource("unsupportedSettings")
  void aSettingIsRefusedByName(String fixture, String field, Object value, String named) {
    Map<String, Object> config = new HashMap<>(Fixture.config(fixture));
    config.put(field, value);
    assertThatThrownBy(() -> Architecture.of(config))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining(named);
  }

  static List<Arguments> damagedWeights() {
    return List.of(
        damage("gemma2", w -> w.remove("model.layers.0.post_feedforward_layernorm.weight")),
        damage("qwen3", w -> w.remove("model.layers.1.self_attn.k_norm.weight")),
        damage("qwen2", w -> w.remove("model.layers.1.self_attn.v_proj.bias")),
        damage("phi", w -> w.remove("lm_head.bias")),
        damage("phi3", w -> w.remove("model.layers.0.mlp.gate_up_proj.weight")),
        damage("opt-350m", w -> w.remove("model.decoder.project_in.weight")),
        damage("gpt2", w -> w.remove("transformer.wpe.weight")),
        damage("gpt-neo", w -> w.remove("transformer.h.1.attn.attention.out_proj.bias")));
  }

  private static Arguments damage(String fixture, Consumer<Map<String, HostTensor>> change) {
    return Arguments.of(fixture, change);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damagedWeights")
  void aMissingTensorIsRefusedByName(String name, Consumer<Map<String, HostTensor>> change) {
    Fixture fixture = Fixture.read(name);
    Map<String, HostTensor> weights = new LinkedHashMap<>(fixture.weights().tensors());
    change.accept(weights);
    Set<String> gone = new HashSet<>(fixture.weights().names());
    gone.removeAll(weights.keySet());
    assertThat(gone).hasSize(1);
    assertThatThrownBy(() -> load(fixture, weights))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining(gone.iterator().next());
  }

  @Test
  void aTransposedWeightThatLiesTheOtherWayIsRefused() {
    Fixture fixture = Fixture.read("gpt2");
    Map<String, HostTensor> weights = new LinkedHashMap<>(fixture.weights().tensors());
    weights.put("transformer.h.0.attn.c_attn.weight", zeros(72, 24));
    assertThatThrownBy(() -> load(fixture, weights))
        .hasMessageContaining("transformer.h.0.attn.c_attn.weight has the shape [72, 24]")
        .hasMessageContaining("[24, 72]");
  }

  @Test
  void aCheckpointOfTheDecoderAloneIsRead() {
    Fixture fixture = Fixture.read("gpt2");
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    fixture
        .weights()
        .tensors()
        .forEach((name, tensor) -> weights.put(name.substring("transformer.".length()), tensor));
    weights.put("h.0.attn.bias", zeros(1, 1));
    weights.put("h.1.attn.masked_bias", zeros(1));
    int[] ids = {3, 1, 4, 1, 5};
    try (FineTunableModel whole = fixture.model(null);
        FineTunableModel bare =
            FineTunableModel.load(
                fixture.architecture(), new SafetensorsFixture(weights), Precision.FLOAT32, null)) {
      assertThat(bare.logits(ids)).isEqualTo(whole.logits(ids));
    }
    weights.remove("ln_f.bias");
    assertThatThrownBy(() -> load(fixture, weights)).hasMessageContaining("ln_f.bias");
  }

  @Test
  void aSequenceWithoutPositionsIsRefusedAndAGenerationEndsThere() {
    Fixture fixture = Fixture.read("opt");
    try (FineTunableModel model = fixture.model(null)) {
      assertThatCode(() -> model.logits(new int[100])).doesNotThrowAnyException();
      assertThatThrownBy(() -> model.logits(new int[101]))
          .isInstanceOf(UnsupportedModelException.class)
          .hasMessageContaining("101 tokens")
          .hasMessageContaining("100 learned positions");
      assertThat(model.generate(new int[97], 50, Set.of(), Sampling.GREEDY, token -> true).ids())
          .hasSize(4);
    }
  }

  private static HostTensor zeros(long... shape) {
    long elements = 1;
    for (long size : shape) {
      elements *= size;
    }
    return new HostTensor(DType.FLOAT32, shape, Arena.ofAuto().allocate(4 * elements));
  }

  private static void load(Fixture fixture, Map<String, HostTensor> weights) {
    FineTunableModel.load(
            fixture.architecture(), new SafetensorsFixture(weights), Precision.FLOAT32, null)
        .close();
  }
}
