package io.loraoperator.checkpoint;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF file of version 2 or 3, mapped into memory: its metadata and where its tensors lie. Of a
 * model in several files it is all of them; the metadata is the first one's.
 *
 * <p>Metadata values are {@link Long} (any integer), {@link Double}, {@link Boolean}, {@link
 * String}, or a {@link List} of one of these.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
public final class GgufFile implements AutoCloseable {

  /**
   * One tensor of the file.
   *
   * @param shape outermost dimension first (the file has it last)
   * @param offset of the first byte in the file
   * @param bytes size of all blocks
   * @param part index of the file that holds it
   */
  @SuppressWarnings("ArrayRecordComponent") // private to this package, never compared
  record Tensor(GgufType type, long[] shape, long offset, long bytes, int part) {

    Tensor in(int otherPart) {
      return new Tensor(type, shape, offset, bytes, otherPart);
    }
  }

  /** The first four bytes of a GGUF file. */
  static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

  private final List<MappedFile> parts;
  private final Map<String, Object> metadata;
  private final Map<String, Tensor> tensors;

  private GgufFile(
      List<MappedFile> parts, Map<String, Object> metadata, Map<String, Tensor> tensors) {
    this.parts = List.copyOf(parts);
    this.metadata = metadata;
    this.tensors = tensors;
  }

  /**
   * Maps the file, or all files of a model that this is the first one of, and checks the headers.
   *
   * @throws CheckpointException if a file is missing, cut off, damaged or of another version
   */
  public static GgufFile open(Path path) {
    List<MappedFile> parts = new ArrayList<>();
    try {
      GgufHeader first = read(path, parts);
      GgufShards shards = GgufShards.of(path, first.metadata());
      Map<String, Tensor> tensors = new LinkedHashMap<>(first.tensors());
      for (int part = 1; part < shards.paths().size(); part++) {
        GgufHeader header = read(shards.paths().get(part), parts);
        shards.check(part, header.metadata());
        for (Map.Entry<String, Tensor> tensor : header.tensors().entrySet()) {
          if (tensors.put(tensor.getKey(), tensor.getValue().in(part)) != null) {
            throw shards.invalid(part, "has tensor '%s' again".formatted(tensor.getKey()));
          }
        }
      }
      shards.checkTensors(tensors.size());
      return new GgufFile(parts, first.metadata(), tensors);
    } catch (RuntimeException e) {
      parts.forEach(MappedFile::close);
      throw e;
    }
  }

  private static GgufHeader read(Path path, List<MappedFile> parts) {
    MappedFile file = MappedFile.open(path);
    parts.add(file);
    return GgufHeader.read(file.bytes(), path.toString());
  }

  /** Where the file lies, or the first one. */
  public Path path() {
    return parts.getFirst().path();
  }

  /** All files, in their order. */
  List<Path> paths() {
    return parts.stream().map(MappedFile::path).toList();
  }

  /** All metadata, unmodifiable, in the file's order. */
  public Map<String, Object> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  MemorySegment bytes(Tensor tensor) {
    return parts.get(tensor.part()).bytes().asSlice(tensor.offset(), tensor.bytes());
  }

  /** {@code general.architecture}: which family's names and metadata the file uses. */
  public String architecture() {
    return string("general.architecture").orElseThrow(() -> missing("general.architecture"));
  }

  Optional<String> string(String key) {
    return value(key, String.class);
  }

  Optional<Long> integer(String key) {
    return value(key, Long.class);
  }

  Optional<Boolean> bool(String key) {
    return value(key, Boolean.class);
  }

  /** A decimal; integers count. */
  Optional<Double> decimal(String key) {
    return value(key, Number.class).map(Number::doubleValue);
  }

  <T> Optional<List<T>> list(String key, Class<T> type) {
    Optional<List<?>> values = value(key, List.class).map(list -> (List<?>) list);
    if (values.isEmpty()) {
      return Optional.empty();
    }
    for (Object element : values.get()) {
      cast(key, element, type);
    }
    return Optional.of(values.get().stream().<T>map(type::cast).toList());
  }

  private <T> Optional<T> value(String key, Class<T> type) {
    Object value = metadata.get(key);
    return value == null ? Optional.empty() : Optional.of(cast(key, value, type));
  }

  private <T> T cast(String key, @Nullable Object value, Class<T> type) {
    if (!type.isInstance(value)) {
      throw CheckpointException.invalid(
          path().toString(),
          "metadata '%s' is not of type %s".formatted(key, type.getSimpleName()),
          "Convert the model to GGUF again.");
    }
    return type.cast(value);
  }

  CheckpointException missing(String key) {
    return CheckpointException.invalid(
        path().toString(),
        "has no metadata '%s'".formatted(key),
        "Convert the model to GGUF again with a current converter.");
  }

  @Override
  public void close() {
    parts.forEach(MappedFile::close);
  }
}
