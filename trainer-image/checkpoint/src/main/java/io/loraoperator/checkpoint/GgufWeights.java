package io.loraoperator.checkpoint;

import io.loraoperator.checkpoint.GgufNames.Change;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.WeightSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.LongStream;

/** A GGUF file's tensors by Hugging Face names, dequantised, rows in Hugging Face's order. */
final class GgufWeights implements WeightSource {

  /** Elements one task dequantises, at least one row. */
  private static final int TASK_ELEMENTS = 1 << 16;

  private final GgufFile file;
  private final Map<String, GgufNames.Source> sources;
  private final int queryHeads;
  private final int keyValueHeads;

  /**
   * @param config in Hugging Face's names, for the numbers of heads
   */
  GgufWeights(GgufFile file, Map<String, GgufNames.Source> sources, Map<String, Object> config) {
    this.file = file;
    this.sources = sources;
    this.queryHeads = heads(config, "num_attention_heads");
    this.keyValueHeads = heads(config, "num_key_value_heads");
    sources.forEach(this::check);
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(sources.keySet());
  }

  @Override
  public long[] shape(String name) {
    GgufNames.Source source = source(name);
    long[] stored = tensor(source).shape();
    return source.change() == Change.TRANSPOSED
        ? new long[] {stored[1], stored[0]}
        : stored.clone();
  }

  /** One for all tensors, that of the matrices: vectors are float32 in every such file. */
  @Override
  public DType dtype(String name) {
    Set<GgufType> types = EnumSet.noneOf(GgufType.class);
    for (GgufFile.Tensor tensor : file.tensors().values()) {
      if (tensor.shape().length > 1) {
        types.add(tensor.type());
      }
    }
    if (EnumSet.of(GgufType.F32).containsAll(types)) {
      return DType.FLOAT32;
    }
    return EnumSet.of(GgufType.F32, GgufType.F16).containsAll(types)
        ? DType.FLOAT16
        : DType.BFLOAT16;
  }

  @Override
  public HostTensor read(String name, DType as, SegmentAllocator memory) {
    GgufNames.Source source = source(name);
    GgufFile.Tensor tensor = tensor(source);
    MemorySegment stored = file.bytes(tensor);
    if (source.change() == Change.NONE && isStoredAs(tensor.type(), as)) {
      return new HostTensor(as, tensor.shape(), stored);
    }
    if (!FloatConversion.isFloat(as)) {
      throw CheckpointException.unsupported(
          file.path().toString(),
          "tensor '%s' cannot be read as %s".formatted(name, as),
          "Read it as a floating-point type.");
    }
    MemorySegment values =
        source.change() == Change.TRANSPOSED
            ? transpose(tensor, stored, as, memory)
            : dequantise(tensor, stored, source.change(), as, memory);
    stored.unload(); // its pages would count as this process's memory
    return new HostTensor(as, shape(name), values);
  }

  @Override
  public void close() {
    file.close();
  }

  private static boolean isStoredAs(GgufType type, DType as) {
    return switch (type) {
      case F32 -> as == DType.FLOAT32;
      case F16 -> as == DType.FLOAT16;
      case BF16 -> as == DType.BFLOAT16;
      default -> false;
    };
  }

  /**
   * Row by row, several rows a task. Where heads are interleaved, output row (head, half h, j)
   * comes from stored row (head, j, h): llama.cpp interleaves the two halves that Hugging Face's
   * rotary embedding keeps apart.
   */
  private MemorySegment dequantise(
      GgufFile.Tensor tensor,
      MemorySegment stored,
      Change change,
      DType as,
      SegmentAllocator memory) {
    int heads = heads(change);
    BlockCodec codec = codec(tensor);
    long[] shape = tensor.shape();
    long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    int columns = columns(shape, heads);
    long rows = elements / columns;
    long rowBytes = (long) columns / codec.elements() * codec.bytes();
    long half = heads == 0 ? 0 : rows / heads / 2;
    MemorySegment target =
        memory.allocate(Math.multiplyExact(elements, as.bytes()), FloatConversion.ALIGNMENT);
    long rowsPerTask = Math.max(1, TASK_ELEMENTS / columns);
    LongStream.range(0, Math.ceilDiv(rows, rowsPerTask))
        .parallel()
        .forEach(task -> {
          byte[] blocks = new byte[Math.toIntExact(rowBytes)];
          float[] values = new float[columns];
          long end = Math.min(rows, (task + 1) * rowsPerTask);
          for (long row = task * rowsPerTask; row < end; row++) {
            long from = half == 0 ? row : storedRow(row, half);
            MemorySegment.copy(
                stored, ValueLayout.JAVA_BYTE, from * rowBytes, blocks, 0, blocks.length);
            codec.decode(blocks, columns / codec.elements(), values);
            if (change == Change.ONE_MORE) {
              for (int i = 0; i < columns; i++) {
                values[i] -= 1;
              }
            }
            FloatConversion.store(values, columns, target, row * columns, as);
          }
        });
    return target;
  }

  /** [outputs, inputs] to [inputs, outputs]. */
  private static MemorySegment transpose(
      GgufFile.Tensor tensor, MemorySegment stored, DType as, SegmentAllocator memory) {
    BlockCodec codec = codec(tensor);
    int rows = Math.toIntExact(tensor.shape()[0]);
    int columns = Math.toIntExact(tensor.shape()[1]);
    int rowBytes = columns / codec.elements() * codec.bytes();
    float[][] values = new float[rows][columns];
    byte[] blocks = new byte[rowBytes];
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(stored, ValueLayout.JAVA_BYTE, (long) row * rowBytes, blocks, 0, rowBytes);
      codec.decode(blocks, columns / codec.elements(), values[row]);
    }
    MemorySegment target =
        memory.allocate((long) rows * columns * as.bytes(), FloatConversion.ALIGNMENT);
    float[] turned = new float[rows];
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        turned[row] = values[row][column];
      }
      FloatConversion.store(turned, rows, target, (long) column * rows, as);
    }
    return target;
  }

  private static BlockCodec codec(GgufFile.Tensor tensor) {
    BlockCodec codec = tensor.type().codec();
    if (codec == null) {
      throw new IllegalStateException("the header admits only types with a codec");
    }
    return codec;
  }

  private static long storedRow(long row, long half) {
    long inHead = row % (2 * half);
    return row - inHead + 2 * (inHead % half) + inHead / half;
  }

  /** The length of a row; a bias that is reordered has rows of one element. */
  private static int columns(long[] shape, int heads) {
    return shape.length == 1 && heads > 0 ? 1 : Math.toIntExact(shape[shape.length - 1]);
  }

  private void check(String name, GgufNames.Source source) {
    int heads = heads(source.change());
    long[] shape = tensor(source).shape();
    if (heads != 0
        && (shape.length > 2
            || shape[0] % (2L * heads) != 0
            || (shape.length == 1 && tensor(source).type() != GgufType.F32))) {
      throw CheckpointException.invalid(
          file.path().toString(),
          "tensor '%s' %s does not divide into %d heads"
              .formatted(name, Arrays.toString(shape), heads),
          "Convert the model to GGUF again.");
    }
    if (source.change() == Change.TRANSPOSED && shape.length != 2) {
      throw CheckpointException.invalid(
          file.path().toString(),
          "tensor '%s' %s is not a matrix".formatted(name, Arrays.toString(shape)),
          "Convert the model to GGUF again.");
    }
    if (Arrays.stream(shape).max().orElse(0) > Integer.MAX_VALUE / Float.BYTES) {
      throw CheckpointException.unsupported(
          file.path().toString(),
          "tensor '%s' has rows of %s elements".formatted(name, Arrays.toString(shape)),
          "Use the model's Hugging Face folder (safetensors).");
    }
  }

  /** How many heads the rows are grouped in; 0 if they are in order. */
  private int heads(Change change) {
    return switch (change) {
      case QUERY_HEADS -> queryHeads;
      case KEY_VALUE_HEADS -> keyValueHeads;
      default -> 0;
    };
  }

  /** 1 where a configuration has another name for it: no rows are grouped in heads there. */
  private int heads(Map<String, Object> config, String key) {
    Object value = config.getOrDefault(key, 1);
    if (value instanceof Integer heads && heads > 0) {
      return heads;
    }
    throw CheckpointException.invalid(
        file.path().toString(),
        "%s is %s".formatted(key, value),
        "Convert the model to GGUF again.");
  }

  private GgufNames.Source source(String name) {
    GgufNames.Source source = sources.get(name);
    if (source == null) {
      throw new NoSuchElementException("%s has no tensor '%s'".formatted(file.path(), name));
    }
    return source;
  }

  private GgufFile.Tensor tensor(GgufNames.Source source) {
    GgufFile.Tensor tensor = file.tensors().get(source.ggufName());
    if (tensor == null) {
      throw new IllegalStateException("names come from the file itself");
    }
    return tensor;
  }
}
