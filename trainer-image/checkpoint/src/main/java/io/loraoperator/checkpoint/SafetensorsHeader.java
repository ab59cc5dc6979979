package io.loraoperator.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The header of a safetensors file: eight bytes of length, a JSON object, then the tensors' bytes
 * without gaps or overlaps.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {

  /** Where one tensor lies: {@code begin} and {@code end} count from the start of the file. */
  @SuppressWarnings("ArrayRecordComponent") // private to the reader, never compared
  record Entry(ElementType type, long[] shape, long begin, long end) {}

  /** The reference implementation's limit; a larger header is an attack or damage. */
  static final long LARGEST_HEADER_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";
  static final int LENGTH_BYTES = Long.BYTES;

  /** No real tensor has more dimensions. */
  private static final int MOST_DIMENSIONS = 16;

  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final String REMEDY =
      "Download or write the file again; it is damaged or not a safetensors file.";

  static SafetensorsHeader read(MemorySegment file, String name) {
    if (file.byteSize() < LENGTH_BYTES) {
      throw invalid(name, "%d bytes are too few for a header".formatted(file.byteSize()));
    }
    long length = file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (length < 2 || length > LARGEST_HEADER_BYTES) {
      throw invalid(
          name, "header length %s is out of range".formatted(Long.toUnsignedString(length)));
    }
    if (length > file.byteSize() - LENGTH_BYTES) {
      throw invalid(
          name,
          "the header has %d bytes, the file only %d: it is cut off"
              .formatted(length, file.byteSize()));
    }
    byte[] json = file.asSlice(LENGTH_BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    if (json[0] != '{') {
      throw invalid(name, "the header does not start with '{'");
    }
    return new Parser(name, LENGTH_BYTES + length, file.byteSize()).parse(json);
  }

  private static CheckpointException invalid(String file, String problem) {
    return CheckpointException.invalid(file, problem, REMEDY);
  }

  /** One pass over the JSON tokens: memory stays proportional to the header's own size. */
  private record Parser(String file, long dataStart, long fileEnd) {

    SafetensorsHeader parse(byte[] json) {
      Map<String, Entry> tensors = new LinkedHashMap<>();
      Map<String, String> metadata = new TreeMap<>();
      try (JsonParser parser = FACTORY.createParser(JsonFiles.utf8(json, file))) {
        expect(parser, parser.nextToken(), JsonToken.START_OBJECT, "the header");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          expect(parser, parser.nextToken(), JsonToken.START_OBJECT, name);
          if (name.equals(METADATA)) {
            readMetadata(parser, metadata);
          } else {
            tensors.put(name, readEntry(parser, name));
          }
        }
        if (parser.nextToken() != null) {
          throw invalid(file, "text after the header's JSON");
        }
      } catch (JsonProcessingException e) {
        throw invalid(file, "the header is not valid JSON: " + JsonFiles.describe(e));
      } catch (IOException e) {
        throw new IllegalStateException("reading from memory cannot fail", e);
      }
      checkLayout(tensors);
      return new SafetensorsHeader(tensors, metadata);
    }

    private void readMetadata(JsonParser parser, Map<String, String> metadata) throws IOException {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        expect(parser, parser.nextToken(), JsonToken.VALUE_STRING, METADATA + "." + key);
        metadata.put(key, parser.getText());
      }
    }

    private Entry readEntry(JsonParser parser, String tensor) throws IOException {
      ElementType type = null;
      long[] shape = null;
      long[] offsets = null;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (key) {
          case "dtype" -> {
            expect(parser, value, JsonToken.VALUE_STRING, tensor + ".dtype");
            type = ElementType.byName(parser.getText());
            if (type == null) {
              throw invalid(
                  file, "tensor '%s' has unknown dtype '%s'".formatted(tensor, parser.getText()));
            }
          }
          case "shape" -> shape = readLongs(parser, value, tensor + ".shape", MOST_DIMENSIONS);
          case "data_offsets" -> offsets = readLongs(parser, value, tensor + ".data_offsets", 2);
          default ->
              throw invalid(file, "tensor '%s' has unknown field '%s'".formatted(tensor, key));
        }
      }
      return checkEntry(tensor, type, shape, offsets);
    }

    private long[] readLongs(JsonParser parser, JsonToken token, String where, int most)
        throws IOException {
      expect(parser, token, JsonToken.START_ARRAY, where);
      List<Long> values = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        expect(parser, parser.currentToken(), JsonToken.VALUE_NUMBER_INT, where);
        long value = parser.getLongValue();
        if (value < 0 || values.size() == most) {
          throw invalid(file, "%s is out of range".formatted(where));
        }
        values.add(value);
      }
      return values.stream().mapToLong(Long::longValue).toArray();
    }

    private Entry checkEntry(
        String tensor,
        @Nullable ElementType type,
        long @Nullable [] shape,
        long @Nullable [] offsets) {
      if (type == null || shape == null || offsets == null || offsets.length != 2) {
        throw invalid(file, "tensor '%s' lacks dtype, shape or two data_offsets".formatted(tensor));
      }
      long bytes = type.bytes();
      try {
        for (long dimension : shape) {
          bytes = Math.multiplyExact(bytes, dimension);
        }
      } catch (ArithmeticException e) {
        throw invalid(file, "the shape of tensor '%s' overflows".formatted(tensor));
      }
      if (offsets[1] < offsets[0] || offsets[1] > fileEnd - dataStart) {
        throw invalid(
            file,
            "tensor '%s' lies at %d to %d of %d bytes of data: the file is cut off or damaged"
                .formatted(tensor, offsets[0], offsets[1], fileEnd - dataStart));
      }
      if (offsets[1] - offsets[0] != bytes) {
        throw invalid(
            file,
            "tensor '%s' needs %d bytes by its shape, its offsets give %d"
                .formatted(tensor, bytes, offsets[1] - offsets[0]));
      }
      return new Entry(type, shape, dataStart + offsets[0], dataStart + offsets[1]);
    }

    /** Every byte of the data belongs to exactly one tensor. */
    private void checkLayout(Map<String, Entry> tensors) {
      List<Map.Entry<String, Entry>> ordered = new ArrayList<>(tensors.entrySet());
      ordered.sort(
          Map.Entry.comparingByValue(
              Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end)));
      long next = dataStart;
      for (Map.Entry<String, Entry> tensor : ordered) {
        long begin = tensor.getValue().begin();
        if (begin != next) {
          throw invalid(
              file,
              "tensor '%s' %s the bytes before it"
                  .formatted(tensor.getKey(), begin < next ? "overlaps" : "leaves a gap to"));
        }
        next = tensor.getValue().end();
      }
      if (next != fileEnd) {
        throw invalid(file, "%d bytes follow the last tensor".formatted(fileEnd - next));
      }
    }

    private void expect(
        JsonParser parser, @Nullable JsonToken actual, JsonToken wanted, String where)
        throws IOException {
      if (actual != wanted) {
        throw invalid(
            file, "%s: expected %s, found %s".formatted(where, wanted, parser.currentToken()));
      }
    }
  }
}
