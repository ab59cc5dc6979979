package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Scores;
import java.util.ArrayList;
import java.util.List;

/**
 * GPT-Neo: scores that are not scaled, and a window in every other layer.
 *
 * @see <a href="https://doi.org/10.5281/zenodo.5297715">Black et al., 2021</a>
 */
record GptNeo(ConfigFields config) implements Family {

  @Override
  public Architecture architecture() {
    int hidden = config.positive("hidden_size");
    int count = config.positive("num_layers");
    Gpt gpt =
        Gpt.of(
            config,
            hidden,
            count,
            config.positive("num_heads"),
            config.positive("intermediate_size", 4 * hidden),
            config.positive("max_position_embeddings", 2048),
            false);
    List<String> kinds = kinds(count);
    int window = config.positive("window_size", 256);
    return gpt.architecture(
        layer ->
            new AttentionShape(
                layer,
                gpt.layers()
                    .projection(
                        layer,
                        hidden,
                        false,
                        hidden,
                        "attn.attention.q_proj",
                        "attn.attention.k_proj",
                        "attn.attention.v_proj"),
                gpt.layers().projection(layer, hidden, true, hidden, "attn.attention.out_proj"),
                gpt.heads(),
                new Scores(1, 0, kinds.get(layer).equals("local") ? window : 0),
                null,
                null),
        List.of("q_proj", "v_proj"));
  }

  /** Global or local, of each layer: {@code [[["global", "local"], 6]]} repeats the two. */
  private List<String> kinds(int layers) {
    List<String> kinds = new ArrayList<>();
    if (config.values().get("attention_types") instanceof List<?> groups) {
      for (Object group : groups) {
        if (group instanceof List<?> pair
            && pair.size() == 2
            && pair.get(0) instanceof List<?> names
            && pair.get(1) instanceof Integer times) {
          for (int i = 0; i < times; i++) {
            names.forEach(name -> kinds.add(String.valueOf(name)));
          }
        }
      }
    }
    if (kinds.size() != layers || !List.of("global", "local").containsAll(kinds)) {
      throw config.unsupported(
          "attention_types",
          String.valueOf(config.values().get("attention_types")),
          "global or local for each of the %d layers".formatted(layers));
    }
    return kinds;
  }
}
