package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** {@code adapter_config.json}, as PEFT 0.21 writes and reads it. */
final class PeftConfigFile {

  /** Read into {@link PeftConfig}. */
  private static final Set<String> READ =
      Set.of(
          "base_model_name_or_path",
          "r",
          "lora_alpha",
          "lora_dropout",
          "target_modules",
          "exclude_modules",
          "modules_to_save",
          "trainable_token_indices",
          "ensure_weight_tying",
          "layers_to_transform",
          "rank_pattern",
          "alpha_pattern",
          "bias",
          "use_rslora",
          "use_dora",
          "peft_type",
          "task_type",
          "init_lora_weights");

  /** Say nothing about what the tensors mean: how they came to be, or where they are from. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "auto_mapping",
          "peft_version",
          // How the base model lays its weights out, which its architecture says.
          "fan_in_fan_out",
          "revision",
          "inference_mode",
          "layers_pattern",
          "megatron_config",
          "megatron_core",
          "qalora_group_size",
          "runtime_config",
          "eva_config");

  /** Ways to start that leave the base weights alone; the others (PiSSA, OLoRA, …) change them. */
  private static final Set<String> HARMLESS_STARTS = Set.of("gaussian", "eva", "orthogonal");

  private PeftConfigFile() {}

  /**
   * Reads a configuration.
   *
   * @param tensors names of the adapter's tensors
   */
  static PeftConfig read(Path file, Collection<String> tensors) {
    ObjectNode json = JsonFiles.readObject(file);
    String type = json.path("peft_type").asText();
    if (!type.equals("LORA")) {
      throw unsupported(file, "peft_type", json.path("peft_type"));
    }
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      String name = field.getKey();
      if (!READ.contains(name) && !WITHOUT_EFFECT.contains(name) && !isNeutral(field.getValue())) {
        throw unsupported(file, name, field.getValue());
      }
    }
    JsonNode start = json.path("init_lora_weights");
    if (start.isTextual() && !HARMLESS_STARTS.contains(start.asText())) {
      throw unsupported(file, "init_lora_weights", start);
    }
    JsonNode rank = json.path("r");
    JsonNode alpha = json.path("lora_alpha");
    JsonNode dropout = json.path("lora_dropout");
    if (!rank.canConvertToInt()
        || !alpha.isNumber()
        || !(dropout.isNumber() || isAbsent(dropout))) {
      throw CheckpointException.invalid(
          file.toString(),
          "r, lora_alpha and lora_dropout must be numbers",
          "Write the configuration with PEFT's save_pretrained.");
    }
    JsonNode base = json.path("base_model_name_or_path");
    try {
      return new PeftConfig(
          base.isTextual() ? base.asText() : null,
          rank.asInt(),
          alpha.asDouble(),
          dropout.asDouble(0),
          targets(json.path("target_modules"), PeftAdapter.modules(tensors)),
          json.path("use_rslora").asBoolean(false),
          json.path("use_dora").asBoolean(false),
          names(json.path("exclude_modules")),
          layers(json.path("layers_to_transform")),
          pattern(json.path("rank_pattern"), JsonNode::canConvertToInt, JsonNode::asInt),
          pattern(json.path("alpha_pattern"), JsonNode::isNumber, JsonNode::asDouble),
          names(json.path("modules_to_save")),
          bias(file, json.path("bias")),
          tokens(json.path("trainable_token_indices"), tensors),
          json.path("ensure_weight_tying").asBoolean(false));
    } catch (IllegalArgumentException e) {
      throw CheckpointException.invalid(
          file.toString(),
          String.valueOf(e.getMessage()),
          "Write the configuration with PEFT's save_pretrained.");
    }
  }

  /** The list as it stands; for a pattern or nothing, the last parts of the modules adapted. */
  private static List<String> targets(JsonNode node, Collection<String> modules) {
    List<String> targets = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(target -> targets.add(target.asText()));
    } else {
      modules.forEach(module -> targets.add(lastPart(module)));
    }
    return targets;
  }

  /** The list as it stands; a pattern of exclusions has had its effect on the modules adapted. */
  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(name -> names.add(name.asText()));
    }
    return names;
  }

  private static PeftBias bias(Path file, JsonNode node) {
    return isAbsent(node)
        ? PeftBias.NONE
        : Arrays.stream(PeftBias.values())
            .filter(bias -> bias.peftName().equals(node.asText()))
            .findFirst()
            .orElseThrow(() -> unsupported(file, "bias", node));
  }

  /** One number or a list of them. */
  private static List<Integer> layers(JsonNode node) {
    List<Integer> layers = new ArrayList<>();
    for (JsonNode layer : node.isArray() ? node : List.of(node)) {
      if (layer.canConvertToInt()) {
        layers.add(layer.asInt());
      } else if (!isAbsent(layer)) {
        throw new IllegalArgumentException("layers_to_transform has " + layer);
      }
    }
    return layers;
  }

  /** A list alone is of the embedding, whose name the tensors tell. */
  private static Map<String, List<Integer>> tokens(JsonNode node, Collection<String> tensors) {
    Map<String, List<Integer>> tokens = new TreeMap<>();
    if (node.isArray()) {
      tensors.stream()
          .filter(name -> name.endsWith(PeftAdapter.TRAINED_ROWS))
          .map(name -> name.substring(0, name.length() - PeftAdapter.TRAINED_ROWS.length()))
          .forEach(module -> tokens.put(lastPart(module), ids(node)));
    } else {
      node.properties()
          .forEach(entry -> tokens.put(lastPart(entry.getKey()), ids(entry.getValue())));
    }
    return tokens;
  }

  private static List<Integer> ids(JsonNode node) {
    List<Integer> ids = new ArrayList<>();
    for (JsonNode id : node) {
      if (!id.canConvertToInt()) {
        throw new IllegalArgumentException("trainable_token_indices has " + id);
      }
      ids.add(id.asInt());
    }
    return ids;
  }

  private static String lastPart(String module) {
    return module.substring(module.lastIndexOf('.') + 1);
  }

  private static <T> Map<String, T> pattern(
      JsonNode node, Predicate<JsonNode> fits, Function<JsonNode, T> value) {
    Map<String, T> pattern = new LinkedHashMap<>();
    node.properties()
        .forEach(entry -> {
          if (!fits.test(entry.getValue())) {
            throw new IllegalArgumentException("the pattern of modules has " + entry);
          }
          Pattern.compile(entry.getKey());
          pattern.put(entry.getKey(), value.apply(entry.getValue()));
        });
    return pattern;
  }

  static void write(Path file, PeftConfig config) {
    ObjectNode json = JsonFiles.MAPPER.createObjectNode();
    ObjectNode alphas = json.putObject("alpha_pattern");
    config.alphaPattern().forEach((module, alpha) -> putNumber(alphas, module, alpha));
    json.putNull("auto_mapping");
    json.put("base_model_name_or_path", config.baseModel());
    json.put("bias", config.bias().peftName());
    if (config.ensuresWeightTying()) {
      json.put("ensure_weight_tying", true);
    }
    putTexts(json, "exclude_modules", config.excludeModules());
    json.put("fan_in_fan_out", false);
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    json.putNull("layers_pattern");
    if (config.layers().isEmpty()) {
      json.putNull("layers_to_transform");
    } else {
      config.layers().forEach(json.putArray("layers_to_transform")::add);
    }
    putNumber(json, "lora_alpha", config.alpha());
    json.put("lora_dropout", config.dropout());
    putTexts(json, "modules_to_save", config.modulesToSave());
    json.put("peft_type", "LORA");
    json.put("r", config.rank());
    ObjectNode ranks = json.putObject("rank_pattern");
    config.rankPattern().forEach(ranks::put);
    json.putNull("revision");
    config.targetModules().forEach(json.putArray("target_modules")::add);
    json.put("task_type", "CAUSAL_LM");
    if (!config.trainedTokens().isEmpty()) {
      ObjectNode tokens = json.putObject("trainable_token_indices");
      config.trainedTokens().forEach((module, ids) -> ids.forEach(tokens.putArray(module)::add));
    }
    json.put("use_dora", config.decomposed());
    json.put("use_rslora", config.rankStabilised());
    AtomicFile.write(file, JsonFiles.pretty(json));
  }

  private static void putTexts(ObjectNode json, String field, List<String> texts) {
    if (texts.isEmpty()) {
      json.putNull(field);
    } else {
      texts.forEach(json.putArray(field)::add);
    }
  }

  /** A whole number as people write it, without a point. */
  private static void putNumber(ObjectNode json, String field, double value) {
    if (value == Math.rint(value) && value < Integer.MAX_VALUE) {
      json.put(field, (int) value);
    } else {
      json.put(field, value);
    }
  }

  /** Absent, off or empty: the feature is not used. */
  private static boolean isNeutral(JsonNode value) {
    return isAbsent(value)
        || (value.isBoolean() && !value.asBoolean())
        || (value.isContainerNode() && value.isEmpty());
  }

  private static boolean isAbsent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private static CheckpointException unsupported(Path file, String field, JsonNode value) {
    return CheckpointException.unsupported(
        file.toString(),
        "%s: %s is not supported".formatted(field, value),
        "Use a plain LoRA adapter without that feature.");
  }
}
