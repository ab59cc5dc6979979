package io.loraoperator.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one family's tensors are named in GGUF and in Hugging Face folders.
 *
 * @param modelType Hugging Face's {@code model_type}
 * @param whole names of tensors that are there once, without {@code .weight} or {@code .bias}
 * @param block names within block N, likewise
 * @param permuted block tensors whose rows llama.cpp reordered for its rotary embedding, with
 *     whether they have key/value heads
 * @see <a
 *     href="https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/tensor_mapping.py">gguf-py,
 *     tensor_mapping</a>
 */
record GgufNames(
    String modelType,
    Map<String, String> whole,
    Map<String, String> block,
    Map<String, Boolean> permuted) {

  /** GGUF's {@code general.architecture} of each family that is read. */
  private static final Map<String, GgufNames> BY_ARCHITECTURE =
      Map.of(
          "llama",
          new GgufNames(
              "llama",
              Map.of(
                  "token_embd", "model.embed_tokens",
                  "output_norm", "model.norm",
                  "output", "lm_head"),
              Map.of(
                  "attn_norm", "input_layernorm",
                  "attn_q", "self_attn.q_proj",
                  "attn_k", "self_attn.k_proj",
                  "attn_v", "self_attn.v_proj",
                  "attn_output", "self_attn.o_proj",
                  "ffn_norm", "post_attention_layernorm",
                  "ffn_gate", "mlp.gate_proj",
                  "ffn_up", "mlp.up_proj",
                  "ffn_down", "mlp.down_proj"),
              Map.of("attn_q", false, "attn_k", true)));

  private static final Pattern BLOCK = Pattern.compile("blk\\.(\\d{1,6})\\.(.+)\\.(weight|bias)");
  private static final Pattern WHOLE = Pattern.compile("(.+)\\.(weight|bias)");

  /** Llama 3.1's frequencies: numbers derived from a configuration that GGUF does not carry. */
  private static final String ROPE_FREQUENCIES = "rope_freqs.weight";

  /** A tensor's place: its name in the GGUF file, and which heads its rows must be reordered by. */
  record Source(String ggufName, Reordering reordering) {}

  /** Which heads a tensor's rows are grouped in, if llama.cpp reordered them. */
  enum Reordering {
    NONE,
    QUERY_HEADS,
    KEY_VALUE_HEADS
  }

  static Set<String> architectures() {
    return BY_ARCHITECTURE.keySet();
  }

  static @Nullable GgufNames of(String architecture) {
    return BY_ARCHITECTURE.get(architecture);
  }

  /** Every tensor of the file by its Hugging Face name; one without such a name is refused. */
  Map<String, Source> map(GgufFile file) {
    Map<String, Source> sources = new LinkedHashMap<>();
    for (String name : file.tensors().keySet()) {
      if (name.equals(ROPE_FREQUENCIES)) {
        throw CheckpointException.unsupported(
            file.path().toString(),
            "has '%s': scaled rotary frequencies are not read from GGUF yet".formatted(name),
            "Use the model's Hugging Face folder (safetensors), whose config.json describes them.");
      }
      Map.Entry<String, Reordering> mapped = map(name);
      if (mapped == null) {
        throw CheckpointException.unsupported(
            file.path().toString(),
            "tensor '%s' does not belong to the %s family as it is known here"
                .formatted(name, file.architecture()),
            "Use the model's Hugging Face folder (safetensors).");
      }
      sources.put(mapped.getKey(), new Source(name, mapped.getValue()));
    }
    return sources;
  }

  private Map.@Nullable Entry<String, Reordering> map(String name) {
    Matcher inBlock = BLOCK.matcher(name);
    if (inBlock.matches()) {
      String part = inBlock.group(2);
      String module = block.get(part);
      if (module == null) {
        return null;
      }
      Boolean keyValue = permuted.get(part);
      Reordering reordering =
          keyValue == null
              ? Reordering.NONE
              : keyValue ? Reordering.KEY_VALUE_HEADS : Reordering.QUERY_HEADS;
      return Map.entry(
          "model.layers.%d.%s.%s"
              .formatted(Integer.parseInt(inBlock.group(1)), module, inBlock.group(3)),
          reordering);
    }
    Matcher once = WHOLE.matcher(name);
    if (!once.matches() || !whole.containsKey(once.group(1))) {
      return null;
    }
    return Map.entry(whole.get(once.group(1)) + "." + once.group(2), Reordering.NONE);
  }
}
