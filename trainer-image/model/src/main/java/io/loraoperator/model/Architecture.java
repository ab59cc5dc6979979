package io.loraoperator.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a decoder, from a Hugging Face {@code config.json}.
 *
 * @param modelType family, as {@code model_type}
 * @param vocabularySize rows of the embedding
 * @param hiddenSize channels of the residual stream
 * @param layers decoder layers
 * @param heads query heads
 * @param keyValueHeads key-value heads, a divisor of {@code heads}
 * @param headSize channels of one head; not always {@code hiddenSize / heads}
 * @param intermediateSize channels inside the MLP
 * @param normEpsilon added to the mean square in norms
 * @param ropeTheta base of the rotary frequencies
 * @param maxPositions longest sequence the model was trained for
 * @param tiedEmbeddings whether the embedding is also the head's weight
 */
public record Architecture(
    String modelType,
    int vocabularySize,
    int hiddenSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headSize,
    int intermediateSize,
    double normEpsilon,
    double ropeTheta,
    int maxPositions,
    boolean tiedEmbeddings) {

  private static final List<String> LINEAR_MODULES =
      List.of(
          "self_attn.q_proj",
          "self_attn.k_proj",
          "self_attn.v_proj",
          "self_attn.o_proj",
          "mlp.gate_proj",
          "mlp.up_proj",
          "mlp.down_proj");

  /**
   * Reads a configuration with Hugging Face's names.
   *
   * @throws UnsupportedModelException naming the model type, setting or missing field
   */
  public static Architecture of(Map<String, Object> config) {
    var fields = new ConfigFields(config);
    String type = fields.text("model_type");
    if (!type.equals("llama")) {
      throw new UnsupportedModelException(
          "model_type %s is not supported yet; supported is llama.".formatted(type));
    }
    fields.mustBe("hidden_act", "silu", "silu");
    fields.mustBe("attention_bias", false, false);
    fields.mustBe("mlp_bias", false, false);
    int heads = fields.positive("num_attention_heads");
    int hidden = fields.positive("hidden_size");
    return new Architecture(
        type,
        fields.positive("vocab_size"),
        hidden,
        fields.positive("num_hidden_layers"),
        heads,
        fields.positive("num_key_value_heads", heads),
        fields.positive("head_dim", hidden / heads),
        fields.positive("intermediate_size"),
        fields.number("rms_norm_eps", 1e-6),
        ropeTheta(fields),
        fields.positive("max_position_embeddings", 2048),
        fields.flag("tie_word_embeddings", false));
  }

  /** Checks what the record's parts have to be to each other. */
  public Architecture {
    if (heads % keyValueHeads != 0) {
      throw new UnsupportedModelException(
          "num_attention_heads %d is no multiple of num_key_value_heads %d in the model's config."
              .formatted(heads, keyValueHeads));
    }
    if (headSize % 2 != 0) {
      throw new UnsupportedModelException(
          "head_dim %d is odd; rotary positions turn pairs.".formatted(headSize));
    }
  }

  /** Names of the linear modules within a layer, in the order of computation. */
  public List<String> linearModules() {
    return LINEAR_MODULES;
  }

  /** The factor on query-key products, 1 / sqrt(head size). */
  public double scoreScale() {
    return 1 / Math.sqrt(headSize);
  }

  /** From {@code rope_parameters} (transformers 5) or the older top-level fields. */
  private static double ropeTheta(ConfigFields fields) {
    ConfigFields rope = fields.object("rope_parameters");
    refuseScaling(rope);
    refuseScaling(fields.object("rope_scaling"));
    double fallback = fields.number("rope_theta", 10000);
    return rope == null ? fallback : rope.number("rope_theta", fallback);
  }

  private static void refuseScaling(@Nullable ConfigFields rope) {
    if (rope == null) {
      return;
    }
    String type = rope.text("rope_type", rope.text("type", "default"));
    if (!type.equals("default")) {
      throw new UnsupportedModelException(
          "rope_scaling of type %s is not supported yet.".formatted(type));
    }
    if (rope.number("partial_rotary_factor", 1) != 1) {
      throw new UnsupportedModelException("partial_rotary_factor is not supported for llama.");
    }
  }
}
