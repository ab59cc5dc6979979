package io.loraoperator.checkpoint;

import io.loraoperator.torch.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.stream.LongStream;

/**
 * Conversions between floating-point types, rounding to nearest, ties to even. All go through
 * float32, which holds every float16 and bfloat16 exactly.
 */
final class FloatConversion {

  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Tensors start on cache lines, as kernels like them. */
  static final long ALIGNMENT = 64;

  /** Elements one task converts: large enough to amortise the task, small enough for the cache. */
  private static final int CHUNK = 1 << 14;

  private FloatConversion() {}

  static boolean isFloat(DType type) {
    return type == DType.FLOAT32 || type == DType.FLOAT16 || type == DType.BFLOAT16;
  }

  /** A new segment with the elements of {@code source}, converted; in parallel when it is large. */
  static MemorySegment convert(
      MemorySegment source, ElementType from, DType to, SegmentAllocator memory) {
    long elements = source.byteSize() / from.bytes();
    MemorySegment target = memory.allocate(Math.multiplyExact(elements, to.bytes()), ALIGNMENT);
    LongStream.range(0, Math.ceilDiv(elements, CHUNK))
        .parallel()
        .forEach(chunk -> {
          long first = chunk * CHUNK;
          int count = (int) Math.min(CHUNK, elements - first);
          float[] values = new float[count];
          load(source, first, from, values, count);
          store(values, count, target, first, to);
        });
    return target;
  }

  /** Reads {@code count} elements from the {@code first}-th on. */
  static void load(MemorySegment source, long first, ElementType from, float[] to, int count) {
    switch (from) {
      case F32 -> MemorySegment.copy(source, FLOAT, first * Float.BYTES, to, 0, count);
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to[i] = Float.float16ToFloat(source.get(SHORT, (first + i) * Short.BYTES));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to[i] = Float.intBitsToFloat(source.get(SHORT, (first + i) * Short.BYTES) << 16);
        }
      }
      case F64 -> {
        for (int i = 0; i < count; i++) {
          to[i] = (float) source.get(DOUBLE, (first + i) * Double.BYTES);
        }
      }
      default -> throw new IllegalArgumentException(from + " is not a floating-point type");
    }
  }

  /** Writes {@code count} values as elements from the {@code first}-th on. */
  static void store(float[] values, int count, MemorySegment target, long first, DType to) {
    switch (to) {
      case FLOAT32 -> MemorySegment.copy(values, 0, target, FLOAT, first * Float.BYTES, count);
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          target.set(SHORT, (first + i) * Short.BYTES, Float.floatToFloat16(values[i]));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < count; i++) {
          target.set(SHORT, (first + i) * Short.BYTES, floatToBfloat16(values[i]));
        }
      }
      default -> throw new IllegalArgumentException(to + " is not a floating-point type");
    }
  }

  /** The upper half of the float's bits, rounded to nearest even; NaN stays a (quiet) NaN. */
  static short floatToBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }
}
