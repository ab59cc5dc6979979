package io.loraoperator.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses what comes before the tensors' data in a GGUF file, checking every length against it. */
record GgufHeader(Map<String, Object> metadata, Map<String, GgufFile.Tensor> tensors) {

  private static final int OLDEST_VERSION = 2;
  private static final int NEWEST_VERSION = 3;

  /** ggml's {@code GGML_MAX_DIMS}. */
  private static final int MOST_DIMENSIONS = 4;

  /** Lists of lists are legal, but no model has them deep. */
  private static final int DEEPEST_ARRAY = 4;

  private static final String TYPES_REMEDY =
      "Use a file whose tensors are of the types %s.".formatted(GgufType.readable());

  private static final String ALIGNMENT_KEY = "general.alignment";
  private static final long DEFAULT_ALIGNMENT = 32;
  private static final long LARGEST_ALIGNMENT = 1 << 16;

  /** The least a key with its value, and a tensor's entry, can take in the file. */
  private static final int LEAST_METADATA_BYTES = Long.BYTES + Integer.BYTES + 1;

  private static final int LEAST_TENSOR_BYTES = 2 * Long.BYTES + 2 * Integer.BYTES;

  /** Codes of {@code gguf_metadata_value_type}. */
  private static final int STRING = 8;

  private static final int ARRAY = 9;

  static GgufHeader read(MemorySegment file, String name) {
    return new Parser(new GgufCursor(file, name), name).parse();
  }

  @SuppressWarnings("ArrayRecordComponent") // private to the parser, never compared
  private record Described(String name, GgufType type, long[] shape, long offset, long bytes) {}

  private record Parser(GgufCursor in, String file) {

    GgufHeader parse() {
      for (byte expected : GgufFile.MAGIC) {
        if (in.remaining() == 0 || in.readByte() != expected) {
          throw in.invalid("does not start with 'GGUF'");
        }
      }
      int version = in.readInt();
      if (version < OLDEST_VERSION || version > NEWEST_VERSION) {
        throw CheckpointException.unsupported(
            file,
            "GGUF version %s is not read (2 and 3 are)"
                .formatted(
                    Integer.reverseBytes(version) <= NEWEST_VERSION
                        ? Integer.reverseBytes(version) + " in big-endian order"
                        : Integer.toUnsignedString(version)),
            "Convert the model again with a current converter, for a little-endian machine.");
      }
      long tensorCount = in.readLength(LEAST_TENSOR_BYTES, "a table of tensors");
      long metadataCount = in.readLength(LEAST_METADATA_BYTES, "a table of metadata");
      Map<String, Object> metadata = readMetadata(metadataCount);
      long alignment = alignment(metadata);
      List<Described> described = new ArrayList<>();
      for (long i = 0; i < tensorCount; i++) {
        described.add(readTensor(alignment));
      }
      return new GgufHeader(metadata, place(described, alignment));
    }

    private Map<String, Object> readMetadata(long count) {
      Map<String, Object> metadata = new LinkedHashMap<>();
      for (long i = 0; i < count; i++) {
        String key = in.readString();
        Object value = readValue(in.readInt(), 0);
        if (metadata.put(key, value) != null) {
          throw in.invalid("has metadata '%s' twice".formatted(key));
        }
      }
      return metadata;
    }

    private Object readValue(int type, int depth) {
      return switch (type) {
        case 0 -> (long) (in.readByte() & 0xFF);
        case 1 -> (long) in.readByte();
        case 2 -> (long) (in.readShort() & 0xFFFF);
        case 3 -> (long) in.readShort();
        case 4 -> in.readInt() & 0xFFFFFFFFL;
        case 5 -> (long) in.readInt();
        case 6 -> shortestDouble(in.readFloat());
        case 7 -> in.readByte() != 0;
        case STRING -> in.readString();
        case ARRAY -> readArray(depth);
        case 10, 11 -> in.readLong();
        case 12 -> in.readDouble();
        default -> throw in.invalid("metadata of unknown type %d".formatted(type));
      };
    }

    private List<Object> readArray(int depth) {
      if (depth == DEEPEST_ARRAY) {
        throw in.invalid("metadata lists nested more than %d deep".formatted(DEEPEST_ARRAY));
      }
      int type = in.readInt();
      int least =
          switch (type) {
            case 0, 1, 7 -> Byte.BYTES;
            case 2, 3 -> Short.BYTES;
            case 4, 5, 6 -> Integer.BYTES;
            case STRING, 10, 11, 12 -> Long.BYTES;
            case ARRAY -> Integer.BYTES + Long.BYTES;
            default -> throw in.invalid("a metadata list of unknown type %d".formatted(type));
          };
      long count = in.readLength(least, "a metadata list");
      List<Object> values = new ArrayList<>();
      for (long i = 0; i < count; i++) {
        values.add(readValue(type, depth + 1));
      }
      return values;
    }

    /** 1e-5 stays 1e-5: the double nearest to the shortest decimal that names this float. */
    private static double shortestDouble(float value) {
      return Double.parseDouble(Float.toString(value));
    }

    private long alignment(Map<String, Object> metadata) {
      Object value = metadata.getOrDefault(ALIGNMENT_KEY, DEFAULT_ALIGNMENT);
      if (value instanceof Long alignment
          && Long.bitCount(alignment) == 1
          && alignment <= LARGEST_ALIGNMENT
          && alignment > 0) {
        return alignment;
      }
      throw in.invalid("%s is %s, not a small power of two".formatted(ALIGNMENT_KEY, value));
    }

    private Described readTensor(long alignment) {
      String name = in.readString();
      int dimensions = in.readInt();
      if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
        throw in.invalid("tensor '%s' has %d dimensions".formatted(name, dimensions));
      }
      long[] shape = new long[dimensions];
      for (int i = dimensions - 1; i >= 0; i--) {
        shape[i] = in.readLong();
        if (shape[i] < 1) {
          throw in.invalid("tensor '%s' has an empty or negative dimension".formatted(name));
        }
      }
      int code = in.readInt();
      GgufType type = GgufType.byCode(code);
      if (type == null) {
        throw CheckpointException.unsupported(
            file, "tensor '%s' has the unknown type %d".formatted(name, code), TYPES_REMEDY);
      }
      BlockCodec codec = type.codec();
      if (codec == null) {
        throw CheckpointException.unsupported(
            file,
            "tensor '%s' is quantised as %s, which is not read".formatted(name, type),
            TYPES_REMEDY);
      }
      long offset = in.readLong();
      if (offset < 0 || offset % alignment != 0) {
        throw in.invalid("tensor '%s' is not aligned".formatted(name));
      }
      return new Described(name, type, shape, offset, bytes(name, shape, codec));
    }

    private long bytes(String name, long[] shape, BlockCodec codec) {
      if (shape[shape.length - 1] % codec.elements() != 0) {
        throw in.invalid(
            "tensor '%s' has rows of %d elements, not a multiple of its blocks of %d"
                .formatted(name, shape[shape.length - 1], codec.elements()));
      }
      try {
        long elements = 1;
        for (long dimension : shape) {
          elements = Math.multiplyExact(elements, dimension);
        }
        return Math.multiplyExact(elements / codec.elements(), codec.bytes());
      } catch (ArithmeticException e) {
        throw in.invalid("the shape of tensor '%s' overflows".formatted(name));
      }
    }

    /** Offsets count from the aligned end of the header; tensors must lie apart, in the file. */
    private Map<String, GgufFile.Tensor> place(List<Described> described, long alignment) {
      long dataStart = Math.ceilDiv(in.position(), alignment) * alignment;
      long available = in.position() + in.remaining() - dataStart;
      Map<String, GgufFile.Tensor> tensors = new LinkedHashMap<>();
      for (Described tensor : described) {
        if (tensor.bytes() > available || tensor.offset() > available - tensor.bytes()) {
          throw in.invalid(
              "tensor '%s' goes past the end of the file: it is cut off".formatted(tensor.name()));
        }
        GgufFile.Tensor placed =
            new GgufFile.Tensor(
                tensor.type(), tensor.shape(), dataStart + tensor.offset(), tensor.bytes(), 0);
        if (tensors.put(tensor.name(), placed) != null) {
          throw in.invalid("has tensor '%s' twice".formatted(tensor.name()));
        }
      }
      checkApart(described);
      return tensors;
    }

    private void checkApart(List<Described> described) {
      List<Described> ordered = new ArrayList<>(described);
      ordered.sort(Comparator.comparingLong(Described::offset));
      long end = 0;
      for (Described tensor : ordered) {
        if (tensor.offset() < end) {
          throw in.invalid("tensor '%s' overlaps the one before it".formatted(tensor.name()));
        }
        end = tensor.offset() + tensor.bytes();
      }
    }
  }
}
