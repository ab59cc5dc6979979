package io.loraoperator.trainer.example;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.trainer.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a real model: the same family and the settings that tell it from the others, but two
 * narrow layers of random weights and a token a byte.
 *
 * @param config its {@code config.json} but for the size of the vocabulary
 * @param chatTemplate of {@code parity/chat-templates/fixtures}; null if the model has none
 */
record TinyFamily(Map<String, Object> config, @Nullable String chatTemplate) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FIXTURES = "trainer-image/parity/chat-templates/fixtures/";

  /** A token is a byte, so rows are longer than on the real model. */
  private static final int POSITIONS = 2048;

  private static final Map<String, Object> SIZES =
      Map.of(
          "hidden_size", 32,
          "intermediate_size", 48,
          "num_hidden_layers", 2,
          "num_attention_heads", 4,
          "num_key_value_heads", 2,
          "max_position_embeddings", POSITIONS,
          "tie_word_embeddings", true);

  private static final Map<String, TinyFamily> BY_MODEL =
      Map.ofEntries(
          Map.entry("s3://models/smollm2-135m-instruct/", sized("llama", "smollm2", Map.of())),
          Map.entry("HuggingFaceTB/SmolLM2-135M-Instruct", sized("llama", "smollm2", Map.of())),
          Map.entry("HuggingFaceTB/SmolLM3-3B", sized("smollm3", "chatml", Map.of())),
          Map.entry(
              "elyza/ELYZA-japanese-Llama-2-7b-instruct", sized("llama", "llama-2", Map.of())),
          Map.entry("meta-llama/Llama-3.1-8B-Instruct", sized("llama", "llama-3", llama3())),
          Map.entry("mistralai/Mistral-7B-v0.1", sized("mistral", null, window())),
          Map.entry("Qwen/Qwen2.5-0.5B", sized("qwen2", "qwen-2.5", Map.of())),
          Map.entry("Qwen/Qwen2.5-0.5B-Instruct", sized("qwen2", "qwen-2.5", Map.of())),
          Map.entry("Qwen/Qwen3-0.6B", sized("qwen3", "qwen-3", Map.of("head_dim", 16))),
          Map.entry("google/gemma-1.1-2b-it", sized("gemma", "gemma", Map.of("head_dim", 16))),
          Map.entry("google/gemma-2-2b-it", sized("gemma2", "gemma", gemma())),
          Map.entry("google/gemma-2-2b-jpn-it", sized("gemma2", "gemma", gemma())),
          Map.entry("google/gemma-3-1b-it", sized("gemma3_text", "gemma-3", gemma())),
          Map.entry("microsoft/phi-2", sized("phi", null, Map.of("tie_word_embeddings", false))),
          Map.entry("microsoft/Phi-3-mini-4k-instruct", sized("phi3", "phi-3", window())),
          Map.entry("microsoft/Phi-3.5-mini-instruct", sized("phi3", "phi-3.5", longRope())),
          Map.entry("openai-community/gpt2", gpt2()),
          Map.entry("EleutherAI/gpt-neo-125m", gptNeo()),
          Map.entry("facebook/opt-125m", opt(32, true)),
          Map.entry("facebook/opt-350m", opt(24, false)));

  /** What stands for a model, by its repository or address. */
  static TinyFamily of(String model) {
    return Optional.ofNullable(BY_MODEL.get(model))
        .orElseThrow(() ->
            new IllegalArgumentException(
                "nothing stands for %s: add it to %s"
                    .formatted(model, TinyFamily.class.getName())));
  }

  String modelType() {
    return String.valueOf(config.get("model_type"));
  }

  /** Writes the model's folder. */
  Path write(Path checkout, Path folder) throws IOException {
    TinyModel.write(folder, config);
    if (chatTemplate != null) {
      Path file = folder.resolve("tokenizer_config.json");
      ObjectNode tokenizer = (ObjectNode) JSON.readTree(file.toFile());
      Path fixture = checkout.resolve(FIXTURES + chatTemplate + ".json");
      tokenizer.set("chat_template", JSON.readTree(fixture.toFile()).required("template"));
      JSON.writeValue(file.toFile(), tokenizer);
    }
    return folder;
  }

  private static TinyFamily sized(
      String modelType, @Nullable String chatTemplate, Map<String, Object> settings) {
    Map<String, Object> config = new HashMap<>(SIZES);
    config.put("model_type", modelType);
    config.putAll(settings);
    return new TinyFamily(Map.copyOf(config), chatTemplate);
  }

  private static Map<String, Object> window() {
    return Map.of("sliding_window", 16, "tie_word_embeddings", false);
  }

  private static Map<String, Object> gemma() {
    return Map.of("head_dim", 16, "sliding_window", 16);
  }

  private static Map<String, Object> llama3() {
    return Map.of(
        "rope_scaling",
        Map.of(
            "rope_type", "llama3",
            "factor", 8.0,
            "low_freq_factor", 1.0,
            "high_freq_factor", 4.0,
            "original_max_position_embeddings", 64));
  }

  /** Rows longer than the original positions take the long factors. */
  private static Map<String, Object> longRope() {
    return Map.of(
        "tie_word_embeddings",
        false,
        "original_max_position_embeddings",
        64,
        "rope_scaling",
        Map.of(
            "type", "longrope",
            "short_factor", List.of(1.0, 1.1, 1.2, 1.3),
            "long_factor", List.of(1.0, 2.0, 4.0, 8.0)));
  }

  private static TinyFamily gpt2() {
    return new TinyFamily(
        Map.of(
            "model_type",
            "gpt2",
            "n_embd",
            32,
            "n_layer",
            2,
            "n_head",
            4,
            "n_positions",
            POSITIONS),
        null);
  }

  private static TinyFamily gptNeo() {
    return new TinyFamily(
        Map.of(
            "model_type", "gpt_neo",
            "hidden_size", 32,
            "num_layers", 2,
            "num_heads", 4,
            "window_size", 16,
            "max_position_embeddings", POSITIONS,
            "attention_types", List.of(List.of(List.of("global", "local"), 1))),
        null);
  }

  /** The 350m norms after its branches and embeds in fewer channels than it computes in. */
  private static TinyFamily opt(int embedded, boolean normsBefore) {
    return new TinyFamily(
        Map.of(
            "model_type",
            "opt",
            "hidden_size",
            32,
            "word_embed_proj_dim",
            embedded,
            "ffn_dim",
            48,
            "num_hidden_layers",
            2,
            "num_attention_heads",
            4,
            "max_position_embeddings",
            POSITIONS,
            "do_layer_norm_before",
            normsBefore),
        null);
  }
}
