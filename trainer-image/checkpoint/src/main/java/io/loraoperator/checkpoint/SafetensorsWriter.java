package io.loraoperator.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes safetensors files: the same tensors always give the same bytes, those of the reference
 * implementation; the file appears whole or not at all.
 */
public final class SafetensorsWriter {

  /** What transformers and PEFT want to see: tensors in PyTorch's layout. */
  public static final Map<String, String> PYTORCH_METADATA = Map.of("format", "pt");

  private static final JsonFactory FACTORY = new JsonFactory();

  /** The data starts at a multiple of this. */
  private static final int HEADER_ALIGNMENT = 8;

  /** Bytes written in one call. */
  private static final int WRITE_BYTES = 1 << 20;

  private SafetensorsWriter() {}

  /** Where a tensor's values go. */
  @FunctionalInterface
  interface Sink {
    void accept(HostTensor tensor) throws IOException;
  }

  /** A tensor whose values come when they are written. */
  interface Values {
    DType dtype();

    long[] shape();

    /** Hands the values over; they may be released when this returns. */
    void visit(Sink sink) throws IOException;

    default long bytes() {
      return Arrays.stream(shape()).reduce(dtype().bytes(), Math::multiplyExact);
    }
  }

  /** Values that are there. */
  private record Present(HostTensor tensor) implements Values {
    @Override
    public DType dtype() {
      return tensor.dtype();
    }

    @Override
    public long[] shape() {
      return tensor.shape();
    }

    @Override
    public void visit(Sink sink) throws IOException {
      sink.accept(tensor);
    }
  }

  /**
   * Writes the file by a temporary sibling, flushed and renamed.
   *
   * @param metadata goes into {@code __metadata__}; may be empty
   */
  public static void write(
      Path file, Map<String, HostTensor> tensors, Map<String, String> metadata) {
    Map<String, Values> values = new HashMap<>();
    tensors.forEach((name, tensor) -> values.put(name, new Present(tensor)));
    writeValues(file, values, metadata);
  }

  /** The same with values that come one tensor after the other. */
  static void writeValues(Path file, Map<String, Values> tensors, Map<String, String> metadata) {
    if (tensors.containsKey(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException("a tensor cannot be named " + SafetensorsHeader.METADATA);
    }
    List<Map.Entry<String, Values>> ordered =
        tensors.entrySet().stream()
            .sorted(
                Comparator.<Map.Entry<String, Values>, ElementType>comparing(
                        e -> ElementType.of(e.getValue().dtype()), Comparator.reverseOrder())
                    .thenComparing(Map.Entry::getKey, SafetensorsWriter::compareUtf8))
            .toList();
    byte[] header = header(ordered, metadata);
    AtomicFile.write(
        file,
        channel -> {
          ByteBuffer length =
              ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
          AtomicFile.writeFully(channel, length.putLong(header.length).flip());
          AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
          for (Map.Entry<String, Values> tensor : ordered) {
            tensor.getValue().visit(values -> writeData(channel, values.data()));
          }
        });
  }

  private static byte[] header(
      List<Map.Entry<String, Values>> tensors, Map<String, String> metadata) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long offset = 0;
      for (Map.Entry<String, Values> entry : tensors) {
        Values tensor = entry.getValue();
        long[] shape = tensor.shape();
        long end = offset + tensor.bytes();
        json.writeObjectFieldStart(entry.getKey());
        json.writeStringField("dtype", ElementType.of(tensor.dtype()).name());
        json.writeFieldName("shape");
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {offset, end}, 0, 2);
        json.writeEndObject();
        offset = end;
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory cannot fail", e);
    }
    while (bytes.size() % HEADER_ALIGNMENT != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  /** By way of a buffer: arrays of floats, which segments may wrap, are no channel's business. */
  private static void writeData(FileChannel channel, MemorySegment data) throws IOException {
    byte[] buffer = new byte[(int) Math.min(WRITE_BYTES, data.byteSize())];
    for (long at = 0; at < data.byteSize(); at += buffer.length) {
      int count = (int) Math.min(buffer.length, data.byteSize() - at);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, buffer, 0, count);
      AtomicFile.writeFully(channel, ByteBuffer.wrap(buffer, 0, count));
    }
  }

  /** Names in the order of their code points, as the reference sorts them. */
  private static int compareUtf8(String a, String b) {
    return Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
  }
}
