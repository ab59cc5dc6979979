package io.loraoperator.torch;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A tensor's values in the memory of this process: what files hold and what a device tensor is made
 * from.
 *
 * @param dtype element type
 * @param shape dimensions, outermost first; empty for a scalar
 * @param data the elements, row-major, little-endian, exactly {@code elements × dtype.bytes()}
 *     bytes; may be a read-only mapping of a file
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; every access copies
public record HostTensor(DType dtype, long[] shape, MemorySegment data) {

  /**
   * @throws IllegalArgumentException if the data's size is not that of the shape
   */
  public HostTensor {
    shape = shape.clone();
    long bytes = Math.multiplyExact(elements(shape), dtype.bytes());
    if (data.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "%s%s needs %d bytes, got %d"
              .formatted(dtype, Arrays.toString(shape), bytes, data.byteSize()));
    }
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public long elements() {
    return elements(shape);
  }

  private static long elements(long[] shape) {
    long n = 1;
    for (long d : shape) {
      if (d < 0) {
        throw new IllegalArgumentException("negative dimension in " + Arrays.toString(shape));
      }
      n = Math.multiplyExact(n, d);
    }
    return n;
  }
}
