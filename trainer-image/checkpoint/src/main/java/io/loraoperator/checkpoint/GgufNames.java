package io.loraoperator.checkpoint;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one family's tensors are named in GGUF and in Hugging Face folders, and how their values are
 * stored.
 *
 * @param modelClass transformers' class, as {@code architectures} of {@code config.json} names it
 * @param layers what the names of a layer's tensors start with, before the layer's number
 * @param whole names of tensors that are there once, without {@code .weight} or {@code .bias}
 * @param block names within block N, likewise
 * @see <a
 *     href="https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/tensor_mapping.py">gguf-py,
 *     tensor_mapping</a>
 */
record GgufNames(
    String modelType,
    String modelClass,
    String layers,
    Map<String, String> whole,
    Map<String, String> block,
    Storage storage) {

  private static final String LAYERS = "model.layers.";

  private static final Map<String, String> LLAMA_WHOLE =
      Map.of("token_embd", "model.embed_tokens", "output_norm", "model.norm", "output", "lm_head");

  private static final Map<String, String> LLAMA_BLOCK =
      Map.of(
          "attn_norm", "input_layernorm",
          "attn_q", "self_attn.q_proj",
          "attn_k", "self_attn.k_proj",
          "attn_v", "self_attn.v_proj",
          "attn_output", "self_attn.o_proj",
          "ffn_norm", "post_attention_layernorm",
          "ffn_gate", "mlp.gate_proj",
          "ffn_up", "mlp.up_proj",
          "ffn_down", "mlp.down_proj");

  private static final Map<String, String> HEAD_NORMS =
      Map.of("attn_q_norm", "self_attn.q_norm", "attn_k_norm", "self_attn.k_norm");

  private static final Map<String, String> GEMMA2_NORMS =
      Map.of(
          "post_attention_norm", "post_attention_layernorm",
          "ffn_norm", "pre_feedforward_layernorm",
          "post_ffw_norm", "post_feedforward_layernorm");

  /** GGUF's {@code general.architecture} of each family that is read. */
  private static final Map<String, GgufNames> BY_ARCHITECTURE =
      Map.of(
          "llama", llama("llama", "LlamaForCausalLM", LLAMA_BLOCK, Storage.PAIRED_ROWS),
          "smollm3", llama("smollm3", "SmolLM3ForCausalLM", LLAMA_BLOCK, Storage.PAIRED_ROWS),
          "qwen2", llama("qwen2", "Qwen2ForCausalLM", LLAMA_BLOCK, Storage.AS_IS),
          "qwen3", llama("qwen3", "Qwen3ForCausalLM", with(LLAMA_BLOCK, HEAD_NORMS), Storage.AS_IS),
          "gemma", llama("gemma", "GemmaForCausalLM", LLAMA_BLOCK, Storage.GAINS_PLUS_ONE),
          "gemma2",
              llama(
                  "gemma2",
                  "Gemma2ForCausalLM",
                  with(LLAMA_BLOCK, GEMMA2_NORMS),
                  Storage.GAINS_PLUS_ONE),
          "gemma3",
              llama(
                  "gemma3_text",
                  "Gemma3ForCausalLM",
                  with(with(LLAMA_BLOCK, GEMMA2_NORMS), HEAD_NORMS),
                  Storage.GAINS_PLUS_ONE),
          "phi2",
              new GgufNames(
                  "phi",
                  "PhiForCausalLM",
                  LAYERS,
                  with(LLAMA_WHOLE, Map.of("output_norm", "model.final_layernorm")),
                  Map.of(
                      "attn_norm", "input_layernorm",
                      "attn_q", "self_attn.q_proj",
                      "attn_k", "self_attn.k_proj",
                      "attn_v", "self_attn.v_proj",
                      "attn_output", "self_attn.dense",
                      "ffn_up", "mlp.fc1",
                      "ffn_down", "mlp.fc2"),
                  Storage.AS_IS),
          "phi3",
              llama(
                  "phi3",
                  "Phi3ForCausalLM",
                  Map.of(
                      "attn_norm", "input_layernorm",
                      "attn_qkv", "self_attn.qkv_proj",
                      "attn_output", "self_attn.o_proj",
                      "ffn_norm", "post_attention_layernorm",
                      "ffn_up", "mlp.gate_up_proj",
                      "ffn_down", "mlp.down_proj"),
                  Storage.AS_IS),
          "gpt2",
              new GgufNames(
                  "gpt2",
                  "GPT2LMHeadModel",
                  "transformer.h.",
                  Map.of(
                      "token_embd", "transformer.wte",
                      "position_embd", "transformer.wpe",
                      "output_norm", "transformer.ln_f",
                      "output", "lm_head"),
                  Map.of(
                      "attn_norm", "ln_1",
                      "attn_qkv", "attn.c_attn",
                      "attn_output", "attn.c_proj",
                      "ffn_norm", "ln_2",
                      "ffn_up", "mlp.c_fc",
                      "ffn_down", "mlp.c_proj"),
                  Storage.TRANSPOSED));

  private static final Pattern BLOCK = Pattern.compile("blk\\.(\\d{1,6})\\.(.+)\\.(weight|bias)");
  private static final Pattern WHOLE = Pattern.compile("(.+)\\.(weight|bias)");

  /** Factors on rotary frequencies: a part of the configuration that is stored as tensors. */
  private static final Set<String> ROPE_FACTORS =
      Set.of(GgufRope.FREQUENCIES, GgufRope.LONG, GgufRope.SHORT);

  /** A tensor's place: its name in the GGUF file, and what turns its values into Hugging Face's. */
  record Source(String ggufName, Change change) {}

  /** How a file's values differ from Hugging Face's. */
  enum Change {
    NONE,
    /** Rows of query heads whose two halves are interleaved. */
    QUERY_HEADS,
    /** The same of key heads. */
    KEY_VALUE_HEADS,
    /** Gains that have 1 added. */
    ONE_MORE,
    /** A matrix stored as [outputs, inputs], which Hugging Face has as [inputs, outputs]. */
    TRANSPOSED
  }

  /** What llama.cpp's converter changes in a family's tensors. */
  enum Storage {
    AS_IS,
    PAIRED_ROWS,
    GAINS_PLUS_ONE,
    TRANSPOSED;

    private static final Set<String> CONV1D =
        Set.of("attn_qkv", "attn_output", "ffn_up", "ffn_down");

    Change change(String part, String kind) {
      return switch (this) {
        case PAIRED_ROWS ->
            switch (part) {
              case "attn_q" -> Change.QUERY_HEADS;
              case "attn_k" -> Change.KEY_VALUE_HEADS;
              default -> Change.NONE;
            };
        case GAINS_PLUS_ONE -> part.endsWith("norm") ? Change.ONE_MORE : Change.NONE;
        case TRANSPOSED ->
            CONV1D.contains(part) && kind.equals("weight") ? Change.TRANSPOSED : Change.NONE;
        case AS_IS -> Change.NONE;
      };
    }
  }

  static Set<String> architectures() {
    return new TreeSet<>(BY_ARCHITECTURE.keySet());
  }

  static @Nullable GgufNames of(String architecture) {
    return BY_ARCHITECTURE.get(architecture);
  }

  /** Every tensor of the file by its Hugging Face name; one without such a name is refused. */
  Map<String, Source> map(GgufFile file) {
    Map<String, Source> sources = new LinkedHashMap<>();
    for (String name : file.tensors().keySet()) {
      if (ROPE_FACTORS.contains(name)) {
        continue;
      }
      Map.Entry<String, Change> mapped = map(name);
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

  private Map.@Nullable Entry<String, Change> map(String name) {
    Matcher inBlock = BLOCK.matcher(name);
    boolean isInBlock = inBlock.matches();
    Matcher once = WHOLE.matcher(name);
    if (!isInBlock && !once.matches()) {
      return null;
    }
    String part = isInBlock ? inBlock.group(2) : once.group(1);
    String kind = isInBlock ? inBlock.group(3) : once.group(2);
    String module = (isInBlock ? block : whole).get(part);
    if (module == null) {
      return null;
    }
    String path = isInBlock ? layers + Integer.parseInt(inBlock.group(1)) + "." : "";
    return Map.entry(path + module + "." + kind, storage.change(part, kind));
  }

  private static GgufNames llama(
      String modelType, String modelClass, Map<String, String> block, Storage storage) {
    return new GgufNames(modelType, modelClass, LAYERS, LLAMA_WHOLE, block, storage);
  }

  private static Map<String, String> with(Map<String, String> names, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(names);
    all.putAll(more);
    return Map.copyOf(all);
  }
}
