package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loraoperator.model.FineTunableModel.Row;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.AttentionShape;
import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is not supported or damaged is refused by name, before anything is computed. */
class RefusalTest {

  private final Fixture fixture = Fixture.read("llama-untied");

  private static Map<String, Object> config() {
    Map<String, Object> config = new HashMap<>();
    config.put("model_type", "llama");
    config.put("vocab_size", 61);
    config.put("hidden_size", 24);
    config.put("num_hidden_layers", 2);
    config.put("num_attention_heads", 4);
    config.put("intermediate_size", 40);
    return config;
  }

  @Test
  void aConfigurationIsReadWithHuggingFacesDefaults() {
    Architecture a = Architecture.of(config());
    assertThat(a.attentions().getFirst().heads()).isEqualTo(new AttentionShape.Heads(4, 4, 6));
    assertThat(theta(a)).isEqualTo(10000);
    assertThat(a.head().tied()).isFalse();
    Map<String, Object> older = config();
    older.put("rope_theta", 500000.0);
    older.put("rope_scaling", null);
    assertThat(theta(Architecture.of(older))).isEqualTo(500000);
    Map<String, Object> newer = config();
    newer.put("rope_parameters", Map.of("rope_type", "default", "rope_theta", 1000));
    assertThat(theta(Architecture.of(newer))).isEqualTo(1000);
  }

  private static double theta(Architecture a) {
    return Objects.requireNonNull(a.attentions().getFirst().rotary()).theta();
  }

  static List<Arguments> unsupportedConfigs() {
    return List.of(
        config("model_type", "mamba", "mamba"),
        config("model_type", 7, "model_type"),
        config("hidden_size", "wide", "hidden_size"),
        config("hidden_size", 0, "hidden_size"),
        config("hidden_act", "gelu", "hidden_act gelu"),
        config("attention_bias", "no", "attention_bias"),
        config("num_key_value_heads", 3, "num_key_value_heads 3"),
        config("head_dim", 5, "head_dim and partial_rotary_factor give 5"),
        config("rope_scaling", Map.of("rope_type", "llama3", "factor", 8.0), "low_freq_factor"),
        config("rope_scaling", Map.of("type", "linear"), "factor"),
        config("rope_parameters", Map.of("rope_type", "proportional"), "proportional"),
        config("tie_word_embeddings", "yes", "tie_word_embeddings"));
  }

  private static Arguments config(String field, Object value, String named) {
    return Arguments.of(field, value, named);
  }

  @ParameterizedTest
  @MethodSource("unsupportedConfigs")
  void aConfigurationIsRefusedByItsField(String field, Object value, String named) {
    Map<String, Object> config = config();
    config.put(field, value);
    assertThatThrownBy(() -> Architecture.of(config))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining(named);
  }

  static List<Arguments> damagedWeights() {
    HostTensor small = new HostTensor(DType.FLOAT32, new long[] {1}, Arena.ofAuto().allocate(4));
    return List.of(
        damage("missing", w -> w.remove("model.layers.1.mlp.up_proj.weight"), "up_proj"),
        damage("no head", w -> w.remove("lm_head.weight"), "lm_head.weight"),
        damage("extra", w -> w.put("model.layers.2.mlp.up_proj.weight", small), "layers.2"),
        damage("bias", w -> w.put("model.layers.0.self_attn.q_proj.bias", small), "q_proj.bias"),
        damage("misshapen", w -> w.put("model.norm.weight", small), "model.norm.weight"));
  }

  private static Arguments damage(
      String what, Consumer<Map<String, HostTensor>> change, String named) {
    return Arguments.of(what, change, named);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damagedWeights")
  void aTensorIsRefusedByName(String what, Consumer<Map<String, HostTensor>> change, String named) {
    assertThatThrownBy(() -> load(change))
        .as(what)
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining(named);
  }

  @Test
  void rotaryBuffersOfOlderCheckpointsAreIgnored() {
    HostTensor buffer = new HostTensor(DType.FLOAT32, new long[] {1}, Arena.ofAuto().allocate(4));
    assertThatCode(() -> load(w -> w.put("model.layers.0.self_attn.rotary_emb.inv_freq", buffer)))
        .doesNotThrowAnyException();
  }

  private void load(Consumer<Map<String, HostTensor>> change) {
    Map<String, HostTensor> weights = new LinkedHashMap<>(fixture.weights().tensors());
    change.accept(weights);
    FineTunableModel.load(
            fixture.architecture(), new SafetensorsFixture(weights), Precision.FLOAT32, null)
        .close();
  }

  @Test
  void float16IsRefused() {
    assertThatThrownBy(() ->
            FineTunableModel.load(
                fixture.architecture(), fixture.weights(), Precision.FLOAT16, null))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("Float16");
  }

  @Test
  void targetsResolveBySuffixOrAllAtOnce() {
    Architecture a = fixture.architecture();
    assertThat(targets("all-linear").resolvedTargets(a))
        .containsExactly(
            "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");
    assertThat(targets("v_proj", "self_attn.q_proj").resolvedTargets(a))
        .containsExactly("q_proj", "v_proj");
    assertThatThrownBy(() -> targets("q_proj", "query_key_value").resolvedTargets(a))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("query_key_value")
        .hasMessageContaining("q_proj, k_proj");
    assertThatThrownBy(() -> targets("proj").resolvedTargets(a)).hasMessageContaining("proj");
  }

  private static LoraConfig targets(String... names) {
    return new LoraConfig(1, 1, 0, List.of(names), 0);
  }

  @Test
  void argumentsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new LoraConfig(0, 1, 0, List.of("q_proj"), 0))
        .hasMessageContaining("rank");
    assertThatThrownBy(() -> new LoraConfig(1, 0, 0, List.of("q_proj"), 0))
        .hasMessageContaining("alpha");
    assertThatThrownBy(() -> new LoraConfig(1, 1, 1, List.of("q_proj"), 0))
        .hasMessageContaining("dropout");
    assertThatThrownBy(() -> new LoraConfig(1, 1, 0, List.of(), 0))
        .hasMessageContaining("targetModules");
    assertThatThrownBy(() -> new Row(new int[0], new boolean[0])).hasMessageContaining("row");
    assertThatThrownBy(() -> new Sampling(-1, 0, 1, 1, 0)).hasMessageContaining("temperature");
    assertThatThrownBy(() -> new Sampling(1, -1, 1, 1, 0)).hasMessageContaining("topK");
    assertThatThrownBy(() -> new Sampling(1, 0, 1, 0, 0)).hasMessageContaining("repetitionPenalty");
    assertThatThrownBy(() -> new Sampling(1, 0, 0, 1, 0)).hasMessageContaining("topP");
    try (FineTunableModel model = fixture.model(null)) {
      assertThatThrownBy(() -> model.logits(new int[] {0, 61}))
          .hasMessageContaining("token 1 of row 0 is 61");
      assertThatThrownBy(model::adapter).hasMessageContaining("without adapters");
      assertThat(model.trainableParameterCount()).isZero();
    }
  }
}
