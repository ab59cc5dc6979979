package io.loraoperator.model.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The dropout that a model's configuration has for its own training. transformers applies it in
 * training mode; here the base model is frozen and computes the same in training and after it.
 */
public final class BaseDropout {

  /** Fields that decoders read. */
  private static final List<String> FIELDS =
      List.of(
          "dropout",
          "embd_pdrop",
          "embed_dropout",
          "resid_pdrop",
          "resid_dropout",
          "attn_pdrop",
          "attention_dropout",
          "layerdrop");

  /** What transformers takes where a configuration is silent, if that is not 0. */
  private static final Map<String, Map<String, Double>> DEFAULTS =
      Map.of(
          "gpt2", Map.of("resid_pdrop", 0.1, "embd_pdrop", 0.1, "attn_pdrop", 0.1),
          "opt", Map.of("dropout", 0.1));

  private BaseDropout() {}

  /** The fields of {@code config.json} that are not zero, with their values. */
  public static Map<String, Double> of(Map<String, Object> config) {
    Map<String, Double> absent =
        DEFAULTS.getOrDefault(String.valueOf(config.get("model_type")), Map.of());
    Map<String, Double> dropout = new LinkedHashMap<>();
    for (String field : FIELDS) {
      double value =
          config.get(field) instanceof Number number
              ? number.doubleValue()
              : absent.getOrDefault(field, 0.0);
      if (value != 0) {
        dropout.put(field, value);
      }
    }
    return dropout;
  }

  /** {@code resid_pdrop 0.1, attn_pdrop 0.1}. */
  public static String describe(Map<String, Double> dropout) {
    return dropout.entrySet().stream()
        .map(entry -> String.format(Locale.ROOT, "%s %s", entry.getKey(), entry.getValue()))
        .collect(Collectors.joining(", "));
  }
}
