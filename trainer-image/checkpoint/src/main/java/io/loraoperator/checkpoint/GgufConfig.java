package io.loraoperator.checkpoint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Hugging Face's {@code config.json} of a GGUF file, from its metadata. What metadata does not say
 * is what llama.cpp takes as given for the architecture.
 *
 * @see <a href="https://github.com/ggml-org/llama.cpp/tree/master/src/models">llama.cpp,
 *     src/models</a>
 */
final class GgufConfig {

  private static final String WINDOW = "attention.sliding_window";
  private static final String WINDOW_PATTERN = "attention.sliding_window_pattern";

  /**
   * Gemma's layers count in which queries are scaled by width / heads: the models of 27 billion.
   */
  private static final int GEMMA2_27B_LAYERS = 46;

  private static final int GEMMA3_27B_LAYERS = 62;

  private final GgufFile file;
  private final GgufSettings settings;
  private final Set<String> names;
  private final Map<String, Object> config = new LinkedHashMap<>();
  private final int layers;
  private final long heads;
  private final long headSize;

  private GgufConfig(GgufFile file, Set<String> names) {
    this.file = file;
    this.settings = new GgufSettings(file);
    this.names = names;
    long blocks = settings.required("block_count");
    if (blocks < 1 || blocks > file.tensors().size()) {
      throw CheckpointException.invalid(
          file.path().toString(),
          "says %d blocks and has %d tensors".formatted(blocks, file.tensors().size()),
          "Convert the model to GGUF again.");
    }
    this.layers = (int) blocks;
    this.heads = settings.required("attention.head_count");
    if (heads <= 0 || heads > Integer.MAX_VALUE) {
      throw CheckpointException.invalid(
          file.path().toString(),
          "has %d attention heads".formatted(heads),
          "Convert the model to GGUF again.");
    }
    this.headSize =
        settings
            .integer("attention.key_length")
            .orElse(settings.required("embedding_length") / heads);
  }

  /**
   * @param names the tensors' Hugging Face names, which tell what metadata leaves out
   */
  static Map<String, Object> of(GgufFile file, GgufNames family, Set<String> names) {
    return new GgufConfig(file, names).read(family);
  }

  private Map<String, Object> read(GgufNames family) {
    config.put("model_type", family.modelType());
    config.put("architectures", List.of(family.modelClass()));
    switch (family.modelType()) {
      case "gpt2" -> gpt2();
      case "phi" -> phi();
      case "phi3" -> phi3();
      case "gemma" -> gemma();
      case "gemma2" -> gemma(2, GEMMA2_27B_LAYERS, 4096);
      case "gemma3_text" -> gemma(6, GEMMA3_27B_LAYERS, 0);
      case "smollm3" -> {
        llama();
        config.put("no_rope_layer_interval", 4);
      }
      default -> llama();
    }
    put("vocab_size", vocabularySize());
    config.put("tie_word_embeddings", !names.contains("lm_head.weight"));
    file.integer("tokenizer.ggml.bos_token_id").ifPresent(n -> put("bos_token_id", n));
    file.integer("tokenizer.ggml.eos_token_id").ifPresent(n -> put("eos_token_id", n));
    file.integer("tokenizer.ggml.padding_token_id").ifPresent(n -> put("pad_token_id", n));
    settings.pass("vocab_size", "tensor_data_layout");
    settings.mustBe("attention.value_length", (double) headSize);
    settings.mustBe("expert_count", 0);
    settings.mustBe("expert_used_count", 0);
    settings.refuseUnread();
    return Collections.unmodifiableMap(config);
  }

  /** Llama's sizes and settings, which most families have. */
  private void llama() {
    config.put("hidden_act", "silu");
    sizes();
    put("head_dim", headSize);
    config.put("rms_norm_eps", settings.requiredDecimal("attention.layer_norm_rms_epsilon"));
    config.put("attention_bias", names.contains("model.layers.0.self_attn.q_proj.bias"));
    config.put("mlp_bias", names.contains("model.layers.0.mlp.up_proj.bias"));
    rope();
    long window = settings.integer(WINDOW).orElse(0);
    if (window > 0 && "llama".equals(config.get("model_type"))) {
      config.put("model_type", "mistral");
      config.put("architectures", List.of("MistralForCausalLM"));
      put("sliding_window", window);
    } else {
      settings.mustBe(WINDOW, 0);
    }
  }

  private void gemma() {
    config.put(
        "gemma".equals(config.get("model_type")) ? "hidden_act" : "hidden_activation",
        "gelu_pytorch_tanh");
    sizes();
    put("head_dim", headSize);
    config.put("rms_norm_eps", settings.requiredDecimal("attention.layer_norm_rms_epsilon"));
    config.put("attention_bias", names.contains("model.layers.0.self_attn.q_proj.bias"));
    rope();
  }

  /** Of Gemma 2 and 3. */
  private void gemma(int pattern, int largest, int defaultWindow) {
    gemma();
    put(
        "query_pre_attn_scalar",
        layers == largest ? settings.required("embedding_length") / heads : headSize);
    putIfPresent("attn_logit_softcapping");
    putIfPresent("final_logit_softcapping");
    long window = settings.integer(WINDOW).orElse(defaultWindow);
    config.put("layer_types", layerTypes(window > 0 ? pattern : 1));
    if (window > 0) {
      put("sliding_window", window);
    }
    if ("gemma3_text".equals(config.get("model_type"))) {
      config.put(
          "rope_local_base_freq",
          settings.decimal("rope.freq_base_swa").orElse(GgufRope.DEFAULT_THETA));
    } else {
      settings.mustBe(
          "rope.freq_base_swa", settings.decimal("rope.freq_base").orElse(GgufRope.DEFAULT_THETA));
    }
  }

  private void phi() {
    config.put("hidden_act", "gelu_new");
    sizes();
    config.put("layer_norm_eps", settings.requiredDecimal("attention.layer_norm_epsilon"));
    rope();
  }

  private void phi3() {
    config.put("hidden_act", "silu");
    sizes();
    config.put("rms_norm_eps", settings.requiredDecimal("attention.layer_norm_rms_epsilon"));
    rope();
    long window = settings.integer(WINDOW).orElse(0);
    if (window > 0) {
      put("sliding_window", window);
    }
  }

  private void gpt2() {
    config.put("activation_function", "gelu_new");
    put("n_embd", settings.required("embedding_length"));
    put("n_inner", settings.required("feed_forward_length"));
    put("n_layer", layers);
    put("n_head", heads);
    put("n_positions", settings.required("context_length"));
    config.put("layer_norm_epsilon", settings.requiredDecimal("attention.layer_norm_epsilon"));
    settings.mustBe("attention.head_count_kv", (double) heads);
    settings.mustBe("attention.key_length", (double) settings.required("embedding_length") / heads);
  }

  private void sizes() {
    put("hidden_size", settings.required("embedding_length"));
    put("intermediate_size", settings.required("feed_forward_length"));
    put("num_hidden_layers", layers);
    put("num_attention_heads", heads);
    put("num_key_value_heads", settings.integer("attention.head_count_kv").orElse(heads));
    put("max_position_embeddings", settings.required("context_length"));
  }

  /** Window or not, for each layer: every n-th has none, unless the file lists them. */
  private List<String> layerTypes(int pattern) {
    List<Boolean> windowed = new ArrayList<>();
    if (settings.isList(WINDOW_PATTERN)) {
      windowed.addAll(settings.flags(WINDOW_PATTERN));
    } else {
      long every = settings.integer(WINDOW_PATTERN).orElse(pattern);
      for (int layer = 0; layer < layers; layer++) {
        windowed.add(every > 0 && layer % every < every - 1);
      }
    }
    return windowed.stream().map(w -> w ? "sliding_attention" : "full_attention").toList();
  }

  private void rope() {
    new GgufRope(file, settings, headSize).put(config);
  }

  /** What the embedding really has: metadata and token list may differ from it by padding. */
  private long vocabularySize() {
    GgufFile.Tensor embedding = file.tensors().get("token_embd.weight");
    if (embedding == null || embedding.shape().length != 2) {
      throw CheckpointException.invalid(
          file.path().toString(),
          "has no token embedding 'token_embd.weight' of two dimensions",
          "Convert the model to GGUF again.");
    }
    return embedding.shape()[0];
  }

  private void putIfPresent(String name) {
    settings.decimal(name).ifPresent(value -> config.put(name, value));
  }

  private void put(String name, long value) {
    config.put(name, number(value));
  }

  /** As Jackson reads config.json: small integers are {@link Integer}. */
  static Object number(long value) {
    return value == (int) value ? (Object) (int) value : (Object) value;
  }
}
