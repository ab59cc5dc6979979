package io.loraoperator.checkpoint;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.WeightSource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;

/** One safetensors file, mapped into memory; the header is checked in full before use. */
public final class SafetensorsReader implements WeightSource {

  private final MappedFile file;
  private final SafetensorsHeader header;

  private SafetensorsReader(MappedFile file, SafetensorsHeader header) {
    this.file = file;
    this.header = header;
  }

  /**
   * Maps the file and checks its header.
   *
   * @throws CheckpointException if the file is missing, cut off, or its header is not sound
   */
  public static SafetensorsReader open(Path path) {
    MappedFile file = MappedFile.open(path);
    try {
      return new SafetensorsReader(file, SafetensorsHeader.read(file.bytes(), path.toString()));
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** The header's {@code __metadata__}, sorted; empty if there is none. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(header.tensors().keySet());
  }

  @Override
  public long[] shape(String name) {
    return entry(name).shape().clone();
  }

  @Override
  public DType dtype(String name) {
    return Objects.requireNonNullElse(entry(name).type().dtype(), DType.FLOAT32);
  }

  @Override
  public HostTensor read(String name, DType as, SegmentAllocator memory) {
    SafetensorsHeader.Entry entry = entry(name);
    MemorySegment bytes = file.bytes().asSlice(entry.begin(), entry.end() - entry.begin());
    ElementType stored = entry.type();
    if (stored.dtype() == as) {
      return new HostTensor(as, entry.shape(), bytes);
    }
    if (!stored.isFloat() || !FloatConversion.isFloat(as)) {
      throw CheckpointException.unsupported(
          file.path().toString(),
          "tensor '%s' holds %s, which cannot be read as %s".formatted(name, stored, as),
          "Save the model with floating-point weights (float32, float16 or bfloat16).");
    }
    HostTensor converted =
        new HostTensor(as, entry.shape(), FloatConversion.convert(bytes, stored, as, memory));
    bytes.unload(); // its pages would count as this process's memory
    return converted;
  }

  /**
   * Reads a whole file into memory: every tensor in its stored type, independent of the file.
   *
   * @throws CheckpointException as {@link #open}, or if a tensor's type cannot be held
   */
  public static Map<String, HostTensor> load(Path path) {
    try (SafetensorsReader reader = open(path)) {
      Map<String, HostTensor> tensors = new LinkedHashMap<>();
      reader.header.tensors().forEach((name, entry) -> tensors.put(name, reader.copy(name, entry)));
      return tensors;
    }
  }

  private HostTensor copy(String name, SafetensorsHeader.Entry entry) {
    DType dtype = entry.type().dtype();
    if (dtype == null) {
      throw CheckpointException.unsupported(
          file.path().toString(),
          "tensor '%s' holds %s, which is not read".formatted(name, entry.type()),
          "Save it as float32, float16, bfloat16, int64, int32, uint8 or bool.");
    }
    HostTensor mapped = read(name, dtype);
    MemorySegment memory =
        Arena.ofAuto().allocate(mapped.data().byteSize(), FloatConversion.ALIGNMENT);
    return new HostTensor(dtype, entry.shape(), memory.copyFrom(mapped.data()));
  }

  @Override
  public void close() {
    file.close();
  }

  private SafetensorsHeader.Entry entry(String name) {
    SafetensorsHeader.Entry entry = header.tensors().get(name);
    if (entry == null) {
      throw new NoSuchElementException("%s has no tensor '%s'".formatted(file.path(), name));
    }
    return entry;
  }
}
