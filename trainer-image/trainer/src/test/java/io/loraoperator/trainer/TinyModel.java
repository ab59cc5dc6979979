package io.loraoperator.trainer;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.checkpoint.SafetensorsWriter;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A Llama of two layers with random weights and a tokenizer with one token a byte, a few merges and
 * two special tokens: a real model in a real folder, made on the spot.
 */
public final class TinyModel {

  public static final String BOS = "<s>";
  public static final String EOS = "</s>";

  /** A family with biases of every kind and a head of its own. */
  public static final Map<String, Object> PHI =
      Map.of(
          "model_type", "phi",
          "hidden_size", 32,
          "intermediate_size", 48,
          "num_hidden_layers", 2,
          "num_attention_heads", 4,
          "hidden_act", "gelu_new",
          "partial_rotary_factor", 0.5);

  private static final int HIDDEN = 32;
  private static final int HEADS = 4;
  private static final int KEY_VALUE_HEADS = 2;
  private static final int INTERMEDIATE = 48;
  private static final ObjectMapper JSON = new ObjectMapper();

  private TinyModel() {}

  /** Writes the model into a folder. */
  public static Path write(Path folder, boolean addsBos) throws IOException {
    Files.createDirectories(folder);
    int vocabulary = writeTokenizer(folder, addsBos);
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "llama");
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("hidden_act", "silu");
    config.put("hidden_size", HIDDEN);
    config.put("intermediate_size", INTERMEDIATE);
    config.put("num_hidden_layers", 2);
    config.put("num_attention_heads", HEADS);
    config.put("num_key_value_heads", KEY_VALUE_HEADS);
    config.put("vocab_size", vocabulary);
    config.put("max_position_embeddings", 256);
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10000.0);
    config.put("tie_word_embeddings", true);
    JSON.writeValue(folder.resolve("config.json").toFile(), config);
    writeWeights(folder, vocabulary);
    return folder;
  }

  /**
   * Writes a model of another family.
   *
   * @param config its {@code config.json}; the vocabulary's size is set
   */
  public static Path write(Path folder, Map<String, Object> config) throws IOException {
    Files.createDirectories(folder);
    Map<String, Object> whole = new LinkedHashMap<>(config);
    whole.put("vocab_size", writeTokenizer(folder, false));
    JSON.writeValue(folder.resolve("config.json").toFile(), whole);
    Random random = new Random(7);
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    Architecture.of(whole)
        .tensors()
        .forEach((name, shape) -> {
          int rows = (int) shape[0];
          weights.put(name, shape.length == 1 ? ones(rows) : matrix(random, rows, (int) shape[1]));
        });
    SafetensorsWriter.write(
        folder.resolve("model.safetensors"), weights, SafetensorsWriter.PYTORCH_METADATA);
    return folder;
  }

  private static void writeWeights(Path folder, int vocabulary) {
    Random random = new Random(7);
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    weights.put("model.embed_tokens.weight", matrix(random, vocabulary, HIDDEN));
    weights.put("model.norm.weight", ones(HIDDEN));
    int head = HIDDEN / HEADS;
    for (int i = 0; i < 2; i++) {
      String layer = "model.layers." + i + ".";
      weights.put(layer + "input_layernorm.weight", ones(HIDDEN));
      weights.put(layer + "post_attention_layernorm.weight", ones(HIDDEN));
      weights.put(layer + "self_attn.q_proj.weight", matrix(random, HIDDEN, HIDDEN));
      weights.put(
          layer + "self_attn.k_proj.weight", matrix(random, KEY_VALUE_HEADS * head, HIDDEN));
      weights.put(
          layer + "self_attn.v_proj.weight", matrix(random, KEY_VALUE_HEADS * head, HIDDEN));
      weights.put(layer + "self_attn.o_proj.weight", matrix(random, HIDDEN, HIDDEN));
      weights.put(layer + "mlp.gate_proj.weight", matrix(random, INTERMEDIATE, HIDDEN));
      weights.put(layer + "mlp.up_proj.weight", matrix(random, INTERMEDIATE, HIDDEN));
      weights.put(layer + "mlp.down_proj.weight", matrix(random, HIDDEN, INTERMEDIATE));
    }
    SafetensorsWriter.write(
        folder.resolve("model.safetensors"), weights, SafetensorsWriter.PYTORCH_METADATA);
  }

  private static HostTensor matrix(Random random, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * 0.15);
    }
    return tensor(values, rows, columns);
  }

  private static HostTensor ones(int n) {
    float[] values = new float[n];
    Arrays.fill(values, 1);
    return tensor(values, n);
  }

  private static HostTensor tensor(float[] values, long... shape) {
    MemorySegment data = Arena.ofAuto().allocate(4L * values.length, 4);
    MemorySegment.copy(values, 0, data, ValueLayout.JAVA_FLOAT, 0, values.length);
    return new HostTensor(DType.FLOAT32, shape, data);
  }

  private static int writeTokenizer(Path folder, boolean addsBos) throws IOException {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    for (String entry : byteEntries()) {
      vocabulary.put(entry, vocabulary.size());
    }
    List<List<String>> merges =
        List.of(
            List.of("\u0120", "\u0120"),
            List.of("h", "e"),
            List.of("l", "l"),
            List.of("he", "ll"),
            List.of("hell", "o"),
            List.of("\u0120", "hello"),
            List.of(":", "\u010A"),
            List.of("#", "#"),
            List.of("##", "#"),
            List.of("\u010A", "###"));
    for (List<String> merge : merges) {
      vocabulary.put(merge.get(0) + merge.get(1), vocabulary.size());
    }
    List<Map<String, Object>> added = new ArrayList<>();
    for (String special : List.of(BOS, EOS)) {
      Map<String, Object> token = new LinkedHashMap<>();
      token.put("id", vocabulary.size());
      token.put("content", special);
      for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
        token.put(flag, false);
      }
      token.put("special", true);
      added.add(token);
      vocabulary.put(special, vocabulary.size());
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("dropout", null);
    model.put("unk_token", null);
    model.put("continuing_subword_prefix", null);
    model.put("end_of_word_suffix", null);
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("ignore_merges", false);
    model.put("vocab", vocabulary);
    model.put("merges", merges);
    Map<String, Object> byteLevel = new LinkedHashMap<>();
    byteLevel.put("type", "ByteLevel");
    byteLevel.put("add_prefix_space", false);
    byteLevel.put("trim_offsets", true);
    byteLevel.put("use_regex", false);
    Map<String, Object> tokenizer = new LinkedHashMap<>();
    tokenizer.put("version", "1.0");
    tokenizer.put("truncation", null);
    tokenizer.put("padding", null);
    tokenizer.put("added_tokens", added);
    tokenizer.put("normalizer", null);
    tokenizer.put("pre_tokenizer", byteLevel);
    tokenizer.put(
        "post_processor", addsBos ? bosTemplate(vocabulary.getOrDefault(BOS, 0)) : byteLevel);
    tokenizer.put("decoder", byteLevel);
    tokenizer.put("model", model);
    JSON.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
    JSON.writeValue(
        folder.resolve("tokenizer_config.json").toFile(),
        Map.of(
            "tokenizer_class", "PreTrainedTokenizerFast",
            "bos_token", BOS,
            "eos_token", EOS,
            "pad_token", EOS));
    return vocabulary.size();
  }

  private static Map<String, Object> bosTemplate(int id) {
    Map<String, Object> bos = Map.of("SpecialToken", Map.of("id", BOS, "type_id", 0));
    Map<String, Object> text = Map.of("Sequence", Map.of("id", "A", "type_id", 0));
    Map<String, Object> second = Map.of("Sequence", Map.of("id", "B", "type_id", 1));
    return Map.of(
        "type", "TemplateProcessing",
        "single", List.of(bos, text),
        "pair", List.of(bos, text, second),
        "special_tokens",
            Map.of(BOS, Map.of("id", BOS, "ids", List.of(id), "tokens", List.of(BOS))));
  }

  /** GPT-2's printable stand-ins for the 256 bytes. */
  private static List<String> byteEntries() {
    List<String> entries = new ArrayList<>();
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
      entries.add(Character.toString(printable ? b : next++));
    }
    return entries;
  }
}
