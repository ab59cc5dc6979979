package io.loraoperator.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.WeightSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A float32 safetensors file read whole: enough for fixtures, independent of the real reader. */
record SafetensorsFixture(Map<String, HostTensor> tensors) implements WeightSource {

  static SafetensorsFixture read(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      int header = Math.toIntExact(buffer.getLong(0));
      Map<String, HostTensor> tensors = new LinkedHashMap<>();
      JsonNode json = new ObjectMapper().readTree(bytes, 8, header);
      json.properties()
          .forEach(entry -> {
            if (entry.getKey().equals("__metadata__")) {
              return;
            }
            JsonNode node = entry.getValue();
            DType dtype =
                switch (node.get("dtype").asText()) {
                  case "F32" -> DType.FLOAT32;
                  case "BF16" -> DType.BFLOAT16;
                  case "U8" -> DType.UINT8;
                  default -> throw new IllegalArgumentException(entry.toString());
                };
            long[] shape = new long[node.get("shape").size()];
            for (int i = 0; i < shape.length; i++) {
              shape[i] = node.get("shape").get(i).asLong();
            }
            int from = 8 + header + node.get("data_offsets").get(0).asInt();
            int to = 8 + header + node.get("data_offsets").get(1).asInt();
            MemorySegment data = Arena.ofAuto().allocate(to - from, 64);
            data.copyFrom(MemorySegment.ofArray(bytes).asSlice(from, to - from));
            tensors.put(entry.getKey(), new HostTensor(dtype, shape, data));
          });
      return new SafetensorsFixture(tensors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The tensors whose names start so, without that start. */
  Map<String, HostTensor> under(String prefix) {
    Map<String, HostTensor> result = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      if (name.startsWith(prefix)) {
        result.put(name.substring(prefix.length()), tensor);
      }
    });
    return result;
  }

  static float[] floats(@Nullable HostTensor tensor) {
    return Objects.requireNonNull(tensor).data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public long[] shape(String name) {
    return tensor(name).shape();
  }

  @Override
  public DType dtype(String name) {
    return tensor(name).dtype();
  }

  @Override
  public HostTensor read(String name, DType as, SegmentAllocator memory) {
    HostTensor tensor = tensor(name);
    if (as == DType.FLOAT32) {
      return tensor;
    }
    if (as != DType.BFLOAT16) {
      throw new IllegalArgumentException("no conversion to " + as);
    }
    float[] values = floats(tensor);
    MemorySegment data = memory.allocate(2L * values.length, 64);
    for (int i = 0; i < values.length; i++) {
      int bits = Float.floatToRawIntBits(values[i]);
      int rounded = bits + 0x7FFF + ((bits >>> 16) & 1); // to nearest, ties to even
      data.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (rounded >>> 16));
    }
    return new HostTensor(as, tensor.shape(), data);
  }

  private HostTensor tensor(String name) {
    HostTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new NoSuchElementException("no tensor " + name);
    }
    return tensor;
  }

  @Override
  public void close() {}
}
