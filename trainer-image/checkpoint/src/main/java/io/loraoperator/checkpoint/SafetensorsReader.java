package io.loraoperator.checkpoint;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.WeightSource;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
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
  public HostTensor read(String name, DType as) {
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
    return new HostTensor(as, entry.shape(), FloatConversion.convert(bytes, stored, as));
  }

  /** Every tensor in its stored type, as views of the mapped file. */
  public Map<String, HostTensor> readAll() {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    header
        .tensors()
        .forEach((name, entry) -> {
          DType dtype = entry.type().dtype();
          tensors.put(name, read(name, dtype == null ? DType.FLOAT32 : dtype));
        });
    return tensors;
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
