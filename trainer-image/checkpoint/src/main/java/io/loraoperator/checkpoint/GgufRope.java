package io.loraoperator.checkpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rotary positions of a GGUF file in {@code config.json}'s names. Factors on single frequencies are
 * tensors in GGUF; whatever they were derived from, they are LongRoPE's description.
 */
record GgufRope(GgufFile file, GgufSettings settings, long headSize) {

  /** Factors by which frequencies are divided, of Llama 3.1 and later. */
  static final String FREQUENCIES = "rope_freqs.weight";

  /** The same of Phi-3, for rows beyond the original length. */
  static final String LONG = "rope_factors_long.weight";

  /** The same of Phi-3, for other rows. */
  static final String SHORT = "rope_factors_short.weight";

  /** llama.cpp's, where the file does not say. */
  static final double DEFAULT_THETA = 10_000.0;

  private static final String FACTOR = "rope.scaling.factor";
  private static final String ORIGINAL = "rope.scaling.original_context_length";
  private static final String ATTENTION_FACTOR = "rope.scaling.attn_factor";

  void put(Map<String, Object> config) {
    config.put("rope_theta", settings.decimal("rope.freq_base").orElse(DEFAULT_THETA));
    config.put(
        "partial_rotary_factor", share(settings.integer("rope.dimension_count").orElse(headSize)));
    Map<String, Object> scaling = scaling();
    if (!scaling.isEmpty()) {
      config.put("rope_scaling", scaling);
    }
    settings.mustBe("rope.scaling.yarn_ext_factor", 1);
    settings.mustBe("rope.scaling.yarn_attn_factor", 1);
    settings.mustBe("rope.scaling.yarn_log_multiplier", 0);
    settings.pass(ORIGINAL, "rope.scaling.finetuned");
  }

  private Map<String, Object> scaling() {
    String type = settings.string("rope.scaling.type").orElse("none");
    double linear = settings.decimal("rope.scale_linear").orElse(1);
    if (file.tensors().containsKey(FREQUENCIES)) {
      List<Double> factors = factors(FREQUENCIES);
      return longRope(factors, factors, settings.required("context_length"), 1);
    }
    if (file.tensors().containsKey(LONG)) {
      return longRope(
          factors(SHORT),
          factors(LONG),
          settings.required(ORIGINAL),
          settings.requiredDecimal(ATTENTION_FACTOR));
    }
    settings.mustBe(ATTENTION_FACTOR, 1);
    if (linear != 1) {
      return Map.of("rope_type", "linear", "factor", linear);
    }
    if (type.equals("none")) {
      return Map.of();
    }
    Map<String, Object> scaling = new LinkedHashMap<>();
    scaling.put("rope_type", type);
    scaling.put("factor", settings.requiredDecimal(FACTOR));
    if (type.equals("yarn")) {
      scaling.put(
          "original_max_position_embeddings", GgufConfig.number(settings.required(ORIGINAL)));
      settings.decimal("rope.scaling.yarn_beta_fast").ifPresent(b -> scaling.put("beta_fast", b));
      settings.decimal("rope.scaling.yarn_beta_slow").ifPresent(b -> scaling.put("beta_slow", b));
    }
    return scaling;
  }

  private static Map<String, Object> longRope(
      List<Double> shortFactors, List<Double> longFactors, long original, double attentionFactor) {
    Map<String, Object> scaling = new LinkedHashMap<>();
    scaling.put("rope_type", "longrope");
    scaling.put("short_factor", shortFactors);
    scaling.put("long_factor", longFactors);
    scaling.put("original_max_position_embeddings", GgufConfig.number(original));
    scaling.put("attention_factor", attentionFactor);
    return scaling;
  }

  private List<Double> factors(String name) {
    GgufFile.Tensor tensor = file.tensors().get(name);
    if (tensor == null || tensor.type() != GgufType.F32 || tensor.shape().length != 1) {
      throw CheckpointException.invalid(
          file.path().toString(),
          "has no list of float32 numbers '%s'".formatted(name),
          "Convert the model to GGUF again.");
    }
    List<Double> factors = new ArrayList<>();
    for (float factor : file.bytes(tensor).toArray(FloatConversion.FLOAT)) {
      factors.add((double) factor);
    }
    return factors;
  }

  /** The share of a head's channels that, multiplied with their number, is not below the count. */
  private double share(long channels) {
    double share = (double) channels / headSize;
    return (long) (share * headSize) < channels ? Math.nextUp(share) : share;
  }
}
