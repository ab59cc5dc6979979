package io.loraoperator.checkpoint;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A LoRA adapter in PEFT's layout: {@code adapter_model.safetensors} and {@code
 * adapter_config.json}. PEFT loads what {@link #write} writes, and {@link #read} reads PEFT's own.
 *
 * @param tensors float32, by PEFT's names: {@code
 *     base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight} [r, in] and {@code …lora_B…}
 *     [out, r]; embeddings {@code lora_embedding_A} [r, vocabulary] and {@code lora_embedding_B}
 */
public record PeftAdapter(PeftConfig config, Map<String, HostTensor> tensors) {

  public static final String WEIGHTS_FILE = "adapter_model.safetensors";
  public static final String CONFIG_FILE = "adapter_config.json";

  /** What PEFT puts before the base model's own module names. */
  public static final String NAME_PREFIX = "base_model.model.";

  /**
   * With every bias trained PEFT stores that of a module trained in full thrice: as the module's,
   * as it was before training, and as its wrapper's.
   */
  private static final List<String> WRAPPED = List.of(".original_module.", ".modules_to_save.");

  /** What follows a module's path in the name of its magnitudes. */
  public static final String MAGNITUDE = ".lora_magnitude_vector";

  /** What the names of single trained rows end with; they are values, not differences. */
  static final String TRAINED_ROWS = ".token_adapter.trainable_tokens_delta";

  /** Copies of frozen weights that PEFT stores beside an embedding that was resized or adapted. */
  private static final String FROZEN = ".base_layer.weight";

  private static final String FROZEN_BIAS = ".base_layer.bias";

  private static final String REMEDY =
      "Give a folder that PEFT's save_pretrained wrote for this base model.";

  /** The pairs of matrices: suffix of A, suffix of B. */
  private static final Map<String, String> PAIRS =
      Map.of(".lora_A.weight", ".lora_B.weight", ".lora_embedding_A", ".lora_embedding_B");

  public PeftAdapter {
    tensors = Map.copyOf(tensors);
  }

  /** The adapted modules by the base model's names: {@code model.layers.0.self_attn.q_proj}. */
  public TreeSet<String> modules() {
    return modules(tensors.keySet());
  }

  /**
   * What takes the place of tensors of the base model, by their names there: biases and weights
   * that were trained themselves.
   */
  public Map<String, HostTensor> replacements() {
    Map<String, HostTensor> replacements = new TreeMap<>();
    tensors.forEach((name, tensor) -> {
      if (config.saves(name)) {
        replacements.put(name.substring(NAME_PREFIX.length()).replace(".base_layer.", "."), tensor);
      }
    });
    return replacements;
  }

  /**
   * The trained rows of embedding and head, by the names that their weights have in the base model.
   */
  public Map<String, RowReplacement> rows() {
    Map<String, RowReplacement> rows = new TreeMap<>();
    tensors.forEach((name, tensor) -> {
      if (config.rowsOf(name).isPresent()) {
        String module = name.substring(NAME_PREFIX.length(), name.length() - TRAINED_ROWS.length());
        List<Integer> tokens =
            config.trainedTokens().get(module.substring(module.lastIndexOf('.') + 1));
        rows.put(module + ".weight", new RowReplacement(Objects.requireNonNull(tokens), tensor));
      }
    });
    return rows;
  }

  /**
   * Reads an adapter; its tensors are copies in memory, converted to float32.
   *
   * @throws CheckpointException if a file is missing or damaged, names do not pair up, shapes do
   *     not have the configured rank, or the adapter uses a PEFT feature that is not supported
   */
  public static PeftAdapter read(Path folder) {
    Path weights = folder.resolve(WEIGHTS_FILE);
    Pickles.refuse(folder, weights, "adapter_model");
    Map<String, HostTensor> tensors = new TreeMap<>();
    try (SafetensorsReader reader = SafetensorsReader.open(weights)) {
      for (String name : reader.names()) {
        if (name.endsWith(FROZEN) || WRAPPED.stream().anyMatch(name::contains)) {
          continue;
        }
        HostTensor mapped = reader.read(name, DType.FLOAT32);
        MemorySegment copy =
            Arena.ofAuto().allocate(mapped.data().byteSize(), FloatConversion.ALIGNMENT);
        tensors.put(
            name, new HostTensor(DType.FLOAT32, mapped.shape(), copy.copyFrom(mapped.data())));
      }
    }
    PeftConfig config = PeftConfigFile.read(folder.resolve(CONFIG_FILE), tensors.keySet());
    if (config.bias() == PeftBias.NONE) {
      tensors.keySet().removeIf(name -> name.endsWith(FROZEN_BIAS));
    }
    check(weights.toString(), config, tensors);
    return new PeftAdapter(config, tensors);
  }

  /**
   * Writes both files into the folder, each atomically, the configuration last.
   *
   * @throws CheckpointException as {@link #read}, so that nothing is written that cannot be read
   */
  public static void write(Path folder, PeftConfig config, Map<String, HostTensor> tensors) {
    check(folder.resolve(WEIGHTS_FILE).toString(), config, tensors);
    SafetensorsWriter.write(
        folder.resolve(WEIGHTS_FILE), tensors, SafetensorsWriter.PYTORCH_METADATA);
    PeftConfigFile.write(folder.resolve(CONFIG_FILE), config);
  }

  static TreeSet<String> modules(Collection<String> names) {
    TreeSet<String> modules = new TreeSet<>();
    for (String name : names) {
      for (Map.Entry<String, String> pair : PAIRS.entrySet()) {
        for (String suffix : new String[] {pair.getKey(), pair.getValue()}) {
          if (name.startsWith(NAME_PREFIX) && name.endsWith(suffix)) {
            modules.add(name.substring(NAME_PREFIX.length(), name.length() - suffix.length()));
          }
        }
      }
    }
    return modules;
  }

  /** Every tensor belongs to a pair A, B of its module's rank. */
  private static void check(String file, PeftConfig config, Map<String, HostTensor> tensors) {
    if (tensors.isEmpty()) {
      throw CheckpointException.invalid(file, "holds no tensors", REMEDY);
    }
    int paired = 0;
    for (Map.Entry<String, String> pair : PAIRS.entrySet()) {
      for (String name : tensors.keySet()) {
        if (!name.startsWith(NAME_PREFIX) || !name.endsWith(pair.getKey())) {
          continue;
        }
        String other = name.substring(0, name.length() - pair.getKey().length()) + pair.getValue();
        HostTensor b = tensors.get(other);
        int rank =
            config.rankOf(
                name.substring(NAME_PREFIX.length(), name.length() - pair.getKey().length()));
        if (b == null) {
          throw CheckpointException.invalid(file, "lacks tensor '%s'".formatted(other), REMEDY);
        }
        long[] shapeA = tensors.get(name).shape();
        long[] shapeB = b.shape();
        if (shapeA.length != 2 || shapeB.length != 2 || shapeA[0] != rank || shapeB[1] != rank) {
          throw CheckpointException.invalid(
              file,
              "tensors '%s' %s and '%s' %s do not have rank %d"
                  .formatted(name, Arrays.toString(shapeA), other, Arrays.toString(shapeB), rank),
              REMEDY);
        }
        paired += 2;
        if (config.decomposed()) {
          checkMagnitudes(file, tensors, name, pair.getKey(), shapeB[0]);
          paired++;
        }
      }
    }
    paired += (int) tensors.keySet().stream().filter(config::saves).count();
    paired += rows(file, config, tensors);
    if (paired != tensors.size()) {
      String stranger =
          tensors.keySet().stream()
              .filter(name ->
                  modules(List.of(name)).isEmpty()
                      && !config.saves(name)
                      && !(config.decomposed() && name.endsWith(MAGNITUDE))
                      && config.rowsOf(name).isEmpty())
              .sorted()
              .findFirst()
              .orElse("a lora_B without its lora_A");
      throw CheckpointException.unsupported(
          file,
          "holds '%s', which is not a LoRA matrix of a linear layer or embedding"
              .formatted(stranger),
          "Only LoRA and DoRA adapters with modules_to_save and bias are read.");
    }
  }

  private static void checkMagnitudes(
      String file, Map<String, HostTensor> tensors, String a, String suffix, long outputs) {
    String name = a.substring(0, a.length() - suffix.length()) + MAGNITUDE;
    HostTensor magnitudes = tensors.get(name);
    if (magnitudes == null) {
      throw CheckpointException.invalid(file, "lacks tensor '%s'".formatted(name), REMEDY);
    }
    if (!Arrays.equals(magnitudes.shape(), new long[] {outputs})) {
      throw CheckpointException.invalid(
          file,
          "tensor '%s' %s is not one number for each of %d outputs"
              .formatted(name, Arrays.toString(magnitudes.shape()), outputs),
          REMEDY);
    }
  }

  /** How many tensors are trained rows; they have as many as the configuration names tokens. */
  private static int rows(String file, PeftConfig config, Map<String, HostTensor> tensors) {
    int count = 0;
    for (Map.Entry<String, HostTensor> tensor : tensors.entrySet()) {
      OptionalInt rows = config.rowsOf(tensor.getKey());
      long[] shape = tensor.getValue().shape();
      if (rows.isPresent() && (shape.length != 2 || shape[0] != rows.getAsInt())) {
        throw CheckpointException.invalid(
            file,
            "tensor '%s' %s does not have the %d rows of trainable_token_indices"
                .formatted(tensor.getKey(), Arrays.toString(shape), rows.getAsInt()),
            REMEDY);
      }
      count += rows.isPresent() ? 1 : 0;
    }
    return count;
  }
}
