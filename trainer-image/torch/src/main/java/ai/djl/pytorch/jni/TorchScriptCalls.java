package ai.djl.pytorch.jni;

import java.nio.ByteBuffer;
import org.jspecify.annotations.NullMarked;

/**
 * The calls of DJL's native layer that its public classes do not reach: any method of a TorchScript
 * module outside of InferenceMode, tensors of any element type, and lists of tensors. Lives in
 * DJL's package because that layer is package-private there; handles are owned by the caller.
 */
@NullMarked
public final class TorchScriptCalls {

  private static final PyTorchLibrary LIB = PyTorchLibrary.LIB;

  private TorchScriptCalls() {}

  /** Runs a method; the result is a handle of a new IValue. */
  public static long run(long module, String method, long[] values) {
    return LIB.moduleRunMethod(module, method, values, true, false);
  }

  /** A new IValue that holds a reference to the tensor. */
  public static long valueOf(long tensor) {
    return LIB.iValueFromTensor(tensor);
  }

  /** A new IValue of type {@code int}. */
  public static long valueOfLong(long value) {
    return LIB.iValueFromLong(value);
  }

  /** A new IValue of type {@code float}. */
  public static long valueOfDouble(double value) {
    return LIB.iValueFromDouble(value);
  }

  /** A new IValue of type {@code bool}. */
  public static long valueOfBoolean(boolean value) {
    return LIB.iValueFromBool(value);
  }

  /** A new IValue of type {@code str}. */
  public static long valueOfString(String value) {
    return LIB.iValueFromString(value);
  }

  /** Whether an IValue of type {@code bool} is true. */
  public static boolean toBoolean(long value) {
    return LIB.iValueToBool(value);
  }

  /** A new IValue of type {@code List[int]}. */
  public static long valueOfLongs(long[] values) {
    return LIB.iValueFromLongList(values);
  }

  /** A new IValue of type {@code List[Tensor]}. */
  public static long valueOfTensors(long[] tensors) {
    return LIB.iValueFromTensorList(tensors);
  }

  /** A new IValue of a list of IValues of one type; nothing may be empty. */
  public static long valueOfValues(long[] values) {
    return LIB.iValueFromList(values);
  }

  /** A new tensor handle. */
  public static long toTensor(long value) {
    return LIB.iValueToTensor(value);
  }

  /** New tensor handles. */
  public static long[] toTensors(long value) {
    return LIB.iValueToTensorList(value);
  }

  /** The number in an IValue of type {@code float}. */
  public static double toDouble(long value) {
    return LIB.iValueToDouble(value);
  }

  /** Releases an IValue. */
  public static void deleteValue(long value) {
    LIB.torchDeleteIValue(value);
  }

  /** Releases a tensor handle. */
  public static void deleteTensor(long tensor) {
    LIB.torchDeleteTensor(tensor);
  }

  /** Releases a module. */
  public static void deleteModule(long module) {
    LIB.torchDeleteModule(module);
  }

  /** The sizes of a tensor. */
  public static long[] sizes(long tensor) {
    return LIB.torchSizes(tensor);
  }

  /** Whether the elements lie row-major without gaps. */
  public static boolean isContiguous(long tensor) {
    return LIB.torchIsContiguous(tensor);
  }

  /** A view of a contiguous CPU tensor's memory, of at most 2 GiB. */
  public static ByteBuffer memory(long tensor) {
    return LIB.torchDirectByteBuffer(tensor);
  }

  /** A view of elements {@code [start, stop)} of the first dimension. */
  public static long slice(long tensor, long start, long stop) {
    return LIB.torchSlice(tensor, 0, start, stop, 1);
  }

  /** A view as one dimension of a contiguous tensor. */
  public static long flatten(long tensor) {
    return LIB.torchReshape(tensor, new long[] {-1});
  }

  /** Points a tensor at a direct buffer's memory, which has to outlive it. */
  public static void pointAt(long tensor, ByteBuffer memory) {
    LIB.torchSet(tensor, memory);
  }
}
