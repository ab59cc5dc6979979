package io.loraoperator.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** JSON files of a model's folder: strict about duplicate keys and trailing text. */
final class JsonFiles {

  /** No JSON file of a model comes near; tokenizer.json of the largest vocabularies has 35 MB. */
  private static final long LARGEST_BYTES = 256L << 20;

  static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // Python writes NaN and Infinity into config.json.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private JsonFiles() {}

  static byte[] readBytes(Path file) {
    try {
      long size = Files.size(file);
      if (size > LARGEST_BYTES) {
        throw CheckpointException.invalid(
            file.toString(),
            "%d bytes is too large for a JSON file of a model (limit %d)"
                .formatted(size, LARGEST_BYTES),
            "Replace it by the file that belongs to the model.");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw CheckpointException.io(file, "reading", e);
    }
  }

  static ObjectNode readObject(Path file) {
    return parseObject(readBytes(file), file.toString());
  }

  static ObjectNode parseObject(byte[] bytes, String file) {
    JsonNode node;
    try {
      node = MAPPER.readTree(utf8(bytes, file));
    } catch (JsonProcessingException e) {
      throw CheckpointException.invalid(
          file, "not valid JSON: " + describe(e), "Download or write the file again.");
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw CheckpointException.invalid(
        file, "expected a JSON object", "Download or write the file again.");
  }

  /** JSON is UTF-8 here; left to itself the parser guesses UTF-16 or UTF-32 from zeros. */
  static String utf8(byte[] bytes, String file) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw CheckpointException.invalid(
          file, "its JSON is not valid UTF-8", "Download or write the file again.");
    }
  }

  static Map<String, Object> toMap(ObjectNode object) {
    return MAPPER.convertValue(object, OBJECT);
  }

  static byte[] pretty(JsonNode node) {
    try {
      return (MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }

  /** The parser's words with the place, without the dump of the source. */
  static String describe(JsonProcessingException e) {
    var location = e.getLocation();
    String where =
        location == null
            ? ""
            : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
    return e.getOriginalMessage() + where;
  }
}
