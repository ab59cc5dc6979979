package io.loraoperator.trainer.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A manifest on disk: YAML or JSON, of one or more objects, one of them a {@code LoraFineTune}. */
final class ManifestFile {

  private static final String KIND = "LoraFineTune";
  private static final String API_GROUP = "finetune.loraoperator.io/";
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private ManifestFile() {}

  /** The tree under {@code spec} of the file's only {@code LoraFineTune}. */
  static JsonNode readSpec(Path file) {
    List<JsonNode> found = new ArrayList<>();
    try (MappingIterator<JsonNode> documents =
        YAML.readerFor(JsonNode.class).readValues(Files.readString(file))) {
      while (documents.hasNextValue()) {
        JsonNode document = documents.nextValue();
        if (KIND.equals(document.path("kind").textValue())) {
          found.add(document);
        }
      }
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw invalid(
          "%s, line %d: is not YAML: %s"
              .formatted(file, at == null ? 0 : at.getLineNr(), e.getOriginalMessage()),
          "Correct the line; YAML counts spaces and takes no tabs.");
    } catch (IOException e) {
      throw invalid(file + ": cannot be read (no such file?)", "Correct the path.");
    }
    if (found.size() != 1) {
      throw invalid(
          "%s: holds %s of kind %s"
              .formatted(file, found.isEmpty() ? "no object" : found.size() + " objects", KIND),
          "Keep exactly one in the file.");
    }
    JsonNode object = found.getFirst();
    String version = object.path("apiVersion").asText();
    if (!version.startsWith(API_GROUP)) {
      throw invalid(
          "%s: apiVersion is %s".formatted(file, version),
          "Set it to finetune.loraoperator.io/v1alpha1.");
    }
    return object.path("spec");
  }

  private static RunFailure invalid(String message, String remedy) {
    return new RunFailure(Reason.InvalidSpec, message, remedy);
  }
}
