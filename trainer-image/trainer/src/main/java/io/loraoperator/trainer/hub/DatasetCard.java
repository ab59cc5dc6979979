package io.loraoperator.trainer.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StorageException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the YAML at the head of a data set's {@code README.md} says of its configurations.
 *
 * @see <a href="https://huggingface.co/docs/hub/datasets-manual-configuration">Manual
 *     configuration</a>
 */
record DatasetCard(List<Configuration> configurations) {

  /** The card of a repository without configurations. */
  static final DatasetCard EMPTY = new DatasetCard(List.of());

  private static final String DEFAULT = "default";
  private static final String TRAIN = "train";
  private static final Pattern FRONT_MATTER =
      Pattern.compile(
          "\\A\\s*---[ \\t]*\\r?\\n(.*?)\\r?\\n---[ \\t]*(\\r?\\n|\\z)", Pattern.DOTALL);
  private static final YAMLMapper YAML = new YAMLMapper();

  /**
   * A configuration.
   *
   * @param folder where its patterns begin; empty for the root
   * @param splits patterns of each split's files; empty to go by the files' names
   */
  record Configuration(
      String name, boolean isDefault, String folder, Map<String, List<String>> splits) {}

  /**
   * Reads a card.
   *
   * @param address for messages
   * @throws StorageException if its YAML cannot be read
   */
  static DatasetCard parse(String readme, String address) {
    Matcher front = FRONT_MATTER.matcher(readme);
    if (!front.find()) {
      return EMPTY;
    }
    List<Configuration> found = new ArrayList<>();
    try {
      for (JsonNode entry : YAML.readTree(front.group(1)).path("configs")) {
        found.add(
            new Configuration(
                entry.path("config_name").asText(DEFAULT),
                entry.path(DEFAULT).asBoolean(),
                entry.path("data_dir").asText(""),
                splits(entry.path("data_files"))));
      }
    } catch (JsonProcessingException e) {
      throw new StorageException(
          Kind.NOT_FOUND,
          "%s: the YAML at its head cannot be read: %s".formatted(address, e.getOriginalMessage()),
          e);
    }
    return new DatasetCard(List.copyOf(found));
  }

  /** A pattern, a list of patterns, or a list of splits with one or several patterns each. */
  private static Map<String, List<String>> splits(JsonNode dataFiles) {
    Map<String, List<String>> splits = new LinkedHashMap<>();
    for (JsonNode item : dataFiles.isArray() ? dataFiles : List.of(dataFiles)) {
      if (item.isTextual()) {
        splits.computeIfAbsent(TRAIN, split -> new ArrayList<>()).add(item.textValue());
      } else if (item.isObject()) {
        List<String> patterns =
            splits.computeIfAbsent(item.path("split").asText(TRAIN), split -> new ArrayList<>());
        JsonNode path = item.path("path");
        (path.isArray() ? path : List.of(path)).forEach(one -> patterns.add(one.asText()));
      }
    }
    return splits;
  }

  /**
   * The configuration that is asked for; without one the default, or the only one.
   *
   * @throws StorageException naming the configurations if none of them is meant
   */
  Configuration choose(@Nullable String asked, String address) {
    if (configurations.isEmpty() && (asked == null || asked.equals(DEFAULT))) {
      return new Configuration(DEFAULT, true, "", Map.of());
    }
    return configurations.stream()
        .filter(one -> asked == null ? one.isDefault() : one.name().equals(asked))
        .findFirst()
        .or(() ->
            configurations.stream()
                .filter(one -> asked == null)
                .filter(one -> configurations.size() == 1 || one.name().equals(DEFAULT))
                .findFirst())
        .orElseThrow(() ->
            new StorageException(
                Kind.NOT_FOUND,
                "%s: the data set has %s; it has: %s"
                    .formatted(
                        address,
                        asked == null
                            ? "several configurations, and config names none of them"
                            : "no configuration " + asked,
                        names()),
                null));
  }

  private String names() {
    return configurations.isEmpty()
        ? DEFAULT
        : String.join(", ", configurations.stream().map(Configuration::name).toList());
  }
}
