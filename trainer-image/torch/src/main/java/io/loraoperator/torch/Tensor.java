package io.loraoperator.torch;

import ai.djl.pytorch.jni.TorchScriptCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A handle of a PyTorch tensor of any element type. Views share memory: the memory is freed with
 * the last handle. Closing twice is harmless, use after closing is an {@link
 * IllegalStateException}.
 */
public final class Tensor implements AutoCloseable {

  /** What one direct buffer can show; larger tensors are copied in pieces. */
  private static final long LARGEST_BUFFER = 1L << 30;

  private static final AtomicLong OPEN = new AtomicLong();

  private long handle;
  private long value;

  // Keeps the wrapped memory reachable while PyTorch reads it.
  @SuppressWarnings({"unused", "FieldCanBeLocal"})
  private @Nullable MemorySegment wrapped;

  Tensor(long handle) {
    this.handle = handle;
    OPEN.incrementAndGet();
  }

  /** Handles that are open in this process: flat over steps, or something leaks. */
  public static long open() {
    return OPEN.get();
  }

  /** An uninitialised tensor on the {@linkplain Torch#device() device in use}. */
  public static Tensor empty(DType dtype, long... shape) {
    return empty(Torch.device(), dtype, shape);
  }

  /** An uninitialised tensor. */
  static Tensor empty(Device device, DType dtype, long... shape) {
    return CoreKernels.INSTANCE.result("empty", shape, (long) dtype.scalarType(), device);
  }

  /** A tensor of zeros. */
  public static Tensor zeros(DType dtype, long... shape) {
    Tensor t = empty(dtype, shape);
    t.fillZero();
    return t;
  }

  /** A float32 tensor with these values. */
  public static Tensor of(float[] values, long... shape) {
    Tensor t = empty(DType.FLOAT32, shape);
    t.copyFrom(MemorySegment.ofArray(values));
    return t;
  }

  /** An int64 tensor with these values: ids, positions. */
  public static Tensor of(long[] values, long... shape) {
    Tensor t = empty(DType.INT64, shape);
    t.copyFrom(MemorySegment.ofArray(values));
    return t;
  }

  /** A tensor with its own copy of the values. */
  public static Tensor copyOf(HostTensor source) {
    Tensor t = empty(source.dtype(), source.shape());
    t.copyFrom(source.data());
    return t;
  }

  /**
   * A tensor that reads the host's memory itself where it can (native memory of at most 1 GiB), or
   * a copy. Only for reading, and only while that memory is valid.
   */
  public static Tensor wrap(HostTensor source) {
    MemorySegment data = source.data();
    if (!data.isNative()
        || data.byteSize() == 0
        || data.byteSize() > LARGEST_BUFFER
        || Torch.device() != Device.CPU) {
      return copyOf(source);
    }
    Tensor t = empty(source.dtype(), source.shape());
    TorchScriptCalls.pointAt(
        t.handle(), data.asByteBuffer().order(ByteOrder.nativeOrder())); // no bytes are copied
    t.wrapped = data;
    return t;
  }

  /** Dimensions, outermost first. */
  public long[] shape() {
    return TorchScriptCalls.sizes(handle());
  }

  /** Number of elements. */
  public long elements() {
    long n = 1;
    for (long d : shape()) {
      n *= d;
    }
    return n;
  }

  /** Size of dimension {@code i}. */
  public long size(int i) {
    return shape()[i];
  }

  /** The element type. */
  public DType dtype() {
    long code = (long) CoreKernels.INSTANCE.number("scalar_type", this);
    for (DType d : DType.values()) {
      if (d.scalarType() == code) {
        return d;
      }
    }
    throw new IllegalStateException("a tensor of scalar type " + code);
  }

  /** A copy of the values in this process's memory, freed by the garbage collector. */
  public HostTensor toHost() {
    DType type = dtype();
    MemorySegment copy = Arena.ofAuto().allocate(Math.max(1, elements() * type.bytes()), 64);
    copy = copy.asSlice(0, elements() * type.bytes());
    copyTo(copy);
    return new HostTensor(type, shape(), copy);
  }

  /** The values of a float32 tensor, row-major. */
  public float[] toFloats() {
    require(DType.FLOAT32);
    float[] values = new float[Math.toIntExact(elements())];
    copyTo(MemorySegment.ofArray(values));
    return values;
  }

  /** The values of an int64 tensor, row-major. */
  public long[] toLongs() {
    require(DType.INT64);
    long[] values = new long[Math.toIntExact(elements())];
    copyTo(MemorySegment.ofArray(values));
    return values;
  }

  /** The only element of a float32 tensor. */
  public float toFloat() {
    return toFloats()[0];
  }

  /** Whether the values are on a device. */
  public boolean isOn(Device device) {
    return CoreKernels.INSTANCE.holds("is_on", this, device);
  }

  /** Sets every element to zero. */
  public void fillZero() {
    CoreKernels.INSTANCE.run("zero_", this);
  }

  /** Overwrites the values of a contiguous tensor. */
  public void copyFrom(MemorySegment source) {
    if (!TorchScriptCalls.isContiguous(handle())) {
      throw new IllegalArgumentException("only a contiguous tensor can be overwritten");
    }
    if (!isOn(Device.CPU)) {
      try (Tensor host = empty(Device.CPU, dtype(), shape())) {
        host.copyFrom(source);
        copyFrom(host);
      }
      return;
    }
    eachPiece(
        handle(),
        dtype().bytes(),
        (memory, offset) -> memory.copyFrom(source.asSlice(offset, memory.byteSize())));
  }

  /** Overwrites the values with those of another tensor, whatever its type and device. */
  public void copyFrom(Tensor source) {
    CoreKernels.INSTANCE.run("copy_", this, source);
  }

  /**
   * The memory of a contiguous CPU tensor of at most 1 GiB, to be written by the caller; valid
   * until this tensor closes.
   */
  public MemorySegment memory() {
    if (!TorchScriptCalls.isContiguous(handle())) {
      throw new IllegalArgumentException("only a contiguous tensor shows its memory");
    }
    return memory(handle());
  }

  private void copyTo(MemorySegment target) {
    try (TensorScope scope = new TensorScope()) {
      Tensor source =
          TorchScriptCalls.isContiguous(handle()) && isOn(Device.CPU)
              ? this
              : scope.own(CoreKernels.INSTANCE.result("to_host", this));
      eachPiece(
          source.handle(),
          source.dtype().bytes(),
          (memory, offset) -> target.asSlice(offset, memory.byteSize()).copyFrom(memory));
    }
  }

  private interface Piece {
    void accept(MemorySegment memory, long byteOffset);
  }

  private static void eachPiece(long tensor, int elementBytes, Piece piece) {
    long flat = TorchScriptCalls.flatten(tensor);
    try {
      long elements = TorchScriptCalls.sizes(flat)[0];
      long most = LARGEST_BUFFER / elementBytes;
      for (long start = 0; start < elements; start += most) {
        long slice = TorchScriptCalls.slice(flat, start, Math.min(elements, start + most));
        try {
          piece.accept(memory(slice), start * elementBytes);
        } finally {
          TorchScriptCalls.deleteTensor(slice);
        }
      }
    } finally {
      TorchScriptCalls.deleteTensor(flat);
    }
  }

  private static MemorySegment memory(long tensor) {
    ByteBuffer buffer = TorchScriptCalls.memory(tensor);
    return MemorySegment.ofBuffer(buffer);
  }

  private void require(DType expected) {
    DType actual = dtype();
    if (actual != expected) {
      throw new IllegalArgumentException("the tensor is " + actual + ", not " + expected);
    }
  }

  long handle() {
    if (handle == 0) {
      throw new IllegalStateException("the tensor is closed");
    }
    return handle;
  }

  /** The tensor as an argument of a kernel, made once and kept with it. */
  long value() {
    if (value == 0) {
      value = TorchScriptCalls.valueOf(handle());
    }
    return value;
  }

  @Override
  public void close() {
    if (handle == 0) {
      return;
    }
    if (value != 0) {
      TorchScriptCalls.deleteValue(value);
      value = 0;
    }
    TorchScriptCalls.deleteTensor(handle);
    handle = 0;
    wrapped = null;
    OPEN.decrementAndGet();
  }
}
