package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A tokenizer as it is described, before anything native is loaded.
 *
 * @param origin the folder or file it comes from, for messages
 * @param model {@code tokenizer.json}
 * @param config {@code tokenizer_config.json}, completed by the other files; its {@code
 *     chat_template} is the model's
 */
record TokenizerSource(Path origin, ObjectNode model, ObjectNode config) {

  static final String MODEL_FILE = "tokenizer.json";
  static final String CONFIG_FILE = "tokenizer_config.json";
  static final String SPECIAL_TOKENS_FILE = "special_tokens_map.json";
  private static final String TEMPLATE_FILE = "chat_template.jinja";
  static final String TEMPLATE = "chat_template";

  /** Tokens with a role, by their names in {@code tokenizer_config.json}. */
  static final List<String> ROLES =
      List.of("bos_token", "eos_token", "pad_token", "unk_token", "cls_token", "sep_token");

  /** Reads a Hugging Face folder's tokenizer files; only {@code tokenizer.json} must be there. */
  static TokenizerSource read(Path folder) {
    Path modelFile = folder.resolve(MODEL_FILE);
    if (!Files.isRegularFile(modelFile)) {
      throw CheckpointException.notFound(
          modelFile,
          "no such file, so there is no tokenizer",
          ("If the folder has another kind of tokenizer, convert it once: python3 -c \"from"
                  + " transformers import AutoTokenizer as T;"
                  + " T.from_pretrained('%1$s').save_pretrained('%1$s')\"")
              .formatted(folder));
    }
    ObjectNode model = JsonFiles.readObject(modelFile);
    ObjectNode config = readIfPresent(folder.resolve(CONFIG_FILE));
    for (Map.Entry<String, JsonNode> role :
        readIfPresent(folder.resolve(SPECIAL_TOKENS_FILE)).properties()) {
      if (!config.hasNonNull(role.getKey())) {
        config.set(role.getKey(), role.getValue());
      }
    }
    Path template = folder.resolve(TEMPLATE_FILE);
    if (Files.isRegularFile(template)) {
      config.put(
          TEMPLATE,
          new String(JsonFiles.readBytes(template), java.nio.charset.StandardCharsets.UTF_8));
    }
    addMissingTokens(model, config);
    applyBosAndEos(model, config);
    return new TokenizerSource(folder, model, config);
  }

  private static ObjectNode readIfPresent(Path file) {
    return Files.isRegularFile(file)
        ? JsonFiles.readObject(file)
        : JsonFiles.MAPPER.createObjectNode();
  }

  /** The template named "default" where there are several. */
  Optional<String> chatTemplate() {
    JsonNode template = config.path(TEMPLATE);
    if (template.isTextual()) {
      return Optional.of(template.asText());
    }
    for (JsonNode named : template) {
      if (named.path("name").asText().equals("default") && named.path("template").isTextual()) {
        return Optional.of(named.get("template").asText());
      }
    }
    return Optional.empty();
  }

  /** The text of a token with a role; it may be written as a string or as an object. */
  Optional<String> token(String role) {
    return content(config.path(role));
  }

  static Optional<String> content(JsonNode token) {
    JsonNode text = token.isObject() ? token.path("content") : token;
    return text.isTextual() ? Optional.of(text.asText()) : Optional.empty();
  }

  /** {@code special_tokens_map.json}, for readers that look there. */
  ObjectNode specialTokens() {
    ObjectNode map = JsonFiles.MAPPER.createObjectNode();
    for (String role : ROLES) {
      if (config.hasNonNull(role)) {
        map.set(role, config.get(role));
      }
    }
    return map;
  }

  /** Older folders list some added tokens only in {@code tokenizer_config.json}. */
  private static void addMissingTokens(ObjectNode model, ObjectNode config) {
    ArrayNode added =
        model.get("added_tokens") instanceof ArrayNode array
            ? array
            : model.putArray("added_tokens");
    java.util.Set<Integer> known = new java.util.HashSet<>();
    added.forEach(token -> known.add(token.path("id").asInt(-1)));
    config.path("added_tokens_decoder").properties().stream()
        .filter(entry -> entry.getKey().matches("\\d{1,9}") && entry.getValue().isObject())
        .sorted(java.util.Comparator.comparingInt(entry -> Integer.parseInt(entry.getKey())))
        .forEach(entry -> {
          int id = Integer.parseInt(entry.getKey());
          if (known.add(id)) {
            ObjectNode token = entry.getValue().deepCopy();
            token.put("id", id);
            added.add(token);
          }
        });
  }

  /** Like transformers 5: what {@code tokenizer_config.json} says outright overrules the model. */
  private static void applyBosAndEos(ObjectNode model, ObjectNode config) {
    if (!config.path("add_bos_token").isBoolean() && !config.path("add_eos_token").isBoolean()) {
      return;
    }
    SpecialTokenTemplate.apply(
        model,
        config.path("add_bos_token").asBoolean()
            ? content(config.path("bos_token")).orElse(null)
            : null,
        config.path("add_eos_token").asBoolean()
            ? content(config.path("eos_token")).orElse(null)
            : null);
  }
}
