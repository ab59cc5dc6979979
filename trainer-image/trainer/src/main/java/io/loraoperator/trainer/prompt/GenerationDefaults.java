package io.loraoperator.trainer.prompt;

import io.loraoperator.checkpoint.BaseModelFiles;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How a model's makers want it to be asked, as {@code generation_config.json} says.
 *
 * @param endIds the tokens that end an answer
 * @param temperature 0 where the most probable token is taken
 * @param topK 0 for all tokens
 * @see <a
 *     href="https://huggingface.co/docs/transformers/main_classes/text_generation">transformers,
 *     GenerationConfig</a>
 */
public record GenerationDefaults(
    Set<Integer> endIds, double temperature, int topK, double topP, double repetitionPenalty) {

  /** What transformers takes where a model samples and does not say of how many tokens. */
  private static final int USUAL_TOP_K = 50;

  private static final String END = "eos_token_id";

  public GenerationDefaults {
    endIds = Set.copyOf(endIds);
  }

  /** A model's. The tokenizer's end-of-sequence token always counts. */
  public static GenerationDefaults of(BaseModelFiles model) {
    Map<String, Object> settings = model.generationConfig().orElse(Map.of());
    Set<Integer> ends = new TreeSet<>();
    model.tokenizer().eosId().ifPresent(ends::add);
    addIds(ends, settings.containsKey(END) ? settings.get(END) : model.config().get(END));
    boolean samples = Boolean.TRUE.equals(settings.get("do_sample"));
    return new GenerationDefaults(
        ends,
        samples ? number(settings, "temperature", 1) : 0,
        (int) number(settings, "top_k", samples ? USUAL_TOP_K : 0),
        number(settings, "top_p", 1),
        number(settings, "repetition_penalty", 1));
  }

  /** One token or a list of them. */
  private static void addIds(Set<Integer> ends, @Nullable Object value) {
    for (Object one : value instanceof List<?> list ? list : List.of(value == null ? "" : value)) {
      if (one instanceof Integer id) {
        ends.add(id);
      }
    }
  }

  private static double number(Map<String, Object> settings, String name, double otherwise) {
    return settings.get(name) instanceof Number number ? number.doubleValue() : otherwise;
  }
}
