package io.loraoperator.model.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Which layers see only a window of tokens.
 *
 * @param tokens the window; 0 if no layer has one
 * @param types of each layer as {@code layer_types}; null where the family's rule decides
 * @param rule whether a layer has the window
 */
record Windows(int tokens, @Nullable List<String> types, IntPredicate rule) {

  private static final String SLIDING = "sliding_attention";
  private static final String FULL = "full_attention";

  /** No layer. */
  static final Windows NONE = new Windows(0, null, layer -> false);

  /** Reads {@code sliding_window} and {@code layer_types}. */
  static Windows of(ConfigFields config, int layers, IntPredicate rule) {
    List<String> types = config.has("layer_types") ? config.texts("layer_types", layers) : null;
    if (types != null) {
      for (String type : types) {
        if (!type.equals(SLIDING) && !type.equals(FULL)) {
          throw config.unsupported("layer_types", type, SLIDING + " and " + FULL);
        }
      }
    }
    return new Windows(
        config.has("sliding_window") ? config.positive("sliding_window") : 0, types, rule);
  }

  /** Of families that also have {@code use_sliding_window} and {@code max_window_layers}. */
  static Windows ofUpperLayers(ConfigFields config, int layers) {
    if (!config.flag("use_sliding_window", false)) {
      return NONE;
    }
    int first = config.count("max_window_layers", 28);
    return of(config, layers, layer -> layer >= first);
  }

  /**
   * Reads {@code window_size} and {@code attention_types}: {@code [[["global", "local"], 6]]}
   * repeats the two six times.
   */
  static Windows ofAttentionTypes(ConfigFields config, int layers) {
    String field = "attention_types";
    List<String> types = new ArrayList<>();
    if (config.values().get(field) instanceof List<?> groups) {
      for (Object group : groups) {
        if (group instanceof List<?> pair
            && pair.size() == 2
            && pair.get(0) instanceof List<?> names
            && pair.get(1) instanceof Integer times) {
          for (int i = 0; i < times; i++) {
            names.forEach(name -> types.add("local".equals(name) ? SLIDING : String.valueOf(name)));
          }
        }
      }
    }
    if (types.size() != layers
        || types.stream().anyMatch(t -> !SLIDING.equals(t) && !"global".equals(t))) {
      throw config.unsupported(
          field,
          String.valueOf(config.values().get(field)),
          "global or local for each of the %d layers".formatted(layers));
    }
    return new Windows(config.positive("window_size", 256), types, layer -> false);
  }

  /** Whether a layer has the window. */
  boolean isSliding(int layer) {
    return types == null ? rule.test(layer) : SLIDING.equals(types.get(layer));
  }

  /** A layer's window; 0 for none. */
  int of(int layer) {
    return isSliding(layer) ? tokens : 0;
  }
}
