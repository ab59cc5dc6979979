package io.loraoperator.contract;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;

/** How the contract's documents are written: sorted keys, no white space, times in ISO 8601. */
public final class ContractJson {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(times())
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          // A newer writer may say more than this reader knows.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  private ContractJson() {}

  /** Times in ISO 8601, for mappers with other rules. */
  public static SimpleModule times() {
    return new SimpleModule("times")
        .addSerializer(new InstantSerializer())
        .addDeserializer(Instant.class, new InstantDeserializer());
  }

  /** A value as canonical JSON. */
  public static String write(Object value) {
    try {
      // By way of plain maps: only those are written with their keys sorted.
      Object plain = MAPPER.treeToValue(MAPPER.valueToTree(value), Object.class);
      return MAPPER.writeValueAsString(plain);
    } catch (IOException e) {
      throw new IllegalStateException("a document of the contract cannot be written", e);
    }
  }

  /** A value as a tree. */
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /**
   * Reads a tree.
   *
   * @throws IOException if the text is not JSON
   */
  public static JsonNode readTree(String json) throws IOException {
    return MAPPER.readTree(json);
  }

  /**
   * Reads a document.
   *
   * @throws IOException if the text is not such a document
   */
  public static <T> T read(String json, Class<T> type) throws IOException {
    return MAPPER.readValue(json, type);
  }

  /**
   * Reads a document from a file.
   *
   * @throws IOException if the file cannot be read or is not such a document
   */
  public static <T> T read(Path file, Class<T> type) throws IOException {
    return read(Files.readString(file), type);
  }

  /**
   * Writes a file so that a reader sees the old or the new content, never a part of it.
   *
   * @throws IOException if the folder cannot be written to
   */
  public static void writeAtomically(Path file, String content) throws IOException {
    writeAtomically(file, content.getBytes(StandardCharsets.UTF_8));
  }

  /** The same with bytes. */
  public static void writeAtomically(Path file, byte[] content) throws IOException {
    Path staging = file.resolveSibling("." + file.getFileName() + ".tmp");
    Files.write(staging, content);
    Files.move(staging, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static final class InstantSerializer extends StdSerializer<Instant> {
    InstantSerializer() {
      super(Instant.class);
    }

    @Override
    public void serialize(Instant value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(value.toString());
    }
  }

  private static final class InstantDeserializer extends StdDeserializer<Instant> {
    InstantDeserializer() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser in, DeserializationContext context) throws IOException {
      try {
        return Instant.parse(in.getText());
      } catch (DateTimeException e) {
        throw context.weirdStringException(in.getText(), Instant.class, "not a time in ISO 8601");
      }
    }
  }
}
