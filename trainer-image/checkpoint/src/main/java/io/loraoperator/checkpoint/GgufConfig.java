package io.loraoperator.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Hugging Face's {@code config.json} of a Llama-family GGUF file, from its metadata. */
final class GgufConfig {

  private static final double DEFAULT_ROPE_THETA = 10_000.0;

  private GgufConfig() {}

  /**
   * @param names the tensors' Hugging Face names, which tell what metadata leaves out
   */
  static Map<String, Object> of(GgufFile file, GgufNames family, Set<String> names) {
    String prefix = file.architecture() + ".";
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", family.modelType());
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("hidden_act", "silu");
    put(config, "hidden_size", required(file, prefix + "embedding_length"));
    put(config, "intermediate_size", required(file, prefix + "feed_forward_length"));
    put(config, "num_hidden_layers", required(file, prefix + "block_count"));
    long heads = required(file, prefix + "attention.head_count");
    put(config, "num_attention_heads", heads);
    put(
        config,
        "num_key_value_heads",
        file.integer(prefix + "attention.head_count_kv").orElse(heads));
    file.integer(prefix + "attention.key_length").ifPresent(n -> put(config, "head_dim", n));
    put(config, "max_position_embeddings", required(file, prefix + "context_length"));
    config.put(
        "rms_norm_eps",
        file.decimal(prefix + "attention.layer_norm_rms_epsilon")
            .orElseThrow(() -> file.missing(prefix + "attention.layer_norm_rms_epsilon")));
    config.put("rope_theta", file.decimal(prefix + "rope.freq_base").orElse(DEFAULT_ROPE_THETA));
    putRopeScaling(config, file, prefix);
    put(config, "vocab_size", vocabularySize(file));
    config.put("tie_word_embeddings", !names.contains("lm_head.weight"));
    config.put("attention_bias", names.contains("model.layers.0.self_attn.q_proj.bias"));
    config.put("mlp_bias", names.contains("model.layers.0.mlp.up_proj.bias"));
    file.integer("tokenizer.ggml.bos_token_id").ifPresent(n -> put(config, "bos_token_id", n));
    file.integer("tokenizer.ggml.eos_token_id").ifPresent(n -> put(config, "eos_token_id", n));
    file.integer("tokenizer.ggml.padding_token_id").ifPresent(n -> put(config, "pad_token_id", n));
    return Collections.unmodifiableMap(config);
  }

  /** What the embedding really has: metadata and token list may differ from it by padding. */
  private static long vocabularySize(GgufFile file) {
    GgufFile.Tensor embedding = file.tensors().get("token_embd.weight");
    if (embedding == null || embedding.shape().length != 2) {
      throw CheckpointException.invalid(
          file.path().toString(),
          "has no token embedding 'token_embd.weight' of two dimensions",
          "Convert the model to GGUF again.");
    }
    return embedding.shape()[0];
  }

  private static void putRopeScaling(Map<String, Object> config, GgufFile file, String prefix) {
    String type = file.string(prefix + "rope.scaling.type").orElse("none");
    if (type.equals("none")) {
      return;
    }
    double factor =
        file.decimal(prefix + "rope.scaling.factor")
            .orElseThrow(() -> file.missing(prefix + "rope.scaling.factor"));
    config.put("rope_scaling", Map.of("rope_type", type, "factor", factor));
  }

  private static long required(GgufFile file, String key) {
    return file.integer(key).orElseThrow(() -> file.missing(key));
  }

  /** As Jackson reads config.json: small integers are {@link Integer}. */
  private static void put(Map<String, Object> config, String key, long value) {
    if (value == (int) value) {
      config.put(key, (int) value);
    } else {
      config.put(key, value);
    }
  }
}
