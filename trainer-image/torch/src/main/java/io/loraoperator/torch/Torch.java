package io.loraoperator.torch;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Starts PyTorch in this process, once. The natives come from {@code PYTORCH_LIBRARY_PATH} or from
 * the class path through DJL's cache folder; nothing is ever downloaded.
 */
public final class Torch {

  private static final int ONE_THREAD_BETWEEN_OPERATIONS = 1;

  private static boolean started;

  private static volatile Device device = Device.CPU;

  /** Whether the calling thread has its switches set; they are thread-local in PyTorch. */
  private static final ThreadLocal<Boolean> PREPARED = ThreadLocal.withInitial(() -> false);

  private Torch() {}

  /**
   * Starts PyTorch if it is not running; the first call's settings count, but the number of threads
   * can be changed by a later one.
   *
   * @throws TorchException if the native libraries cannot be loaded
   */
  public static synchronized void start(TorchSettings settings) {
    if (started) {
      setThreads(settings.threads());
      return;
    }
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
    System.setProperty(
        "ai.djl.pytorch.num_interop_threads", Integer.toString(ONE_THREAD_BETWEEN_OPERATIONS));
    if (settings.threads() > 0) {
      System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(settings.threads()));
    }
    try {
      var engine = Engine.getEngine("PyTorch");
      if (engine == null) {
        throw new TorchException("DJL's PyTorch engine is not on the class path.", null);
      }
    } catch (RuntimeException | LinkageError e) {
      throw new TorchException(
          "PyTorch's native libraries could not be loaded: put pytorch-native-cpu on the class path"
              + " with a writable DJL_CACHE_DIR, or point PYTORCH_LIBRARY_PATH at a folder that"
              + " holds them (with PYTORCH_VERSION and PYTORCH_FLAVOR).",
          e);
    }
    started = true;
  }

  /** Whether this process can compute on a device. */
  public static boolean has(Device device) {
    start(TorchSettings.fromProperties());
    return switch (device) {
      case CPU -> true;
      case CUDA -> Engine.getEngine("PyTorch").getGpuCount() > 0;
    };
  }

  /** Where tensors are made from now on. */
  public static void use(Device chosen) {
    device = chosen;
  }

  /** Where tensors are made: the CPU unless another device was chosen. */
  public static Device device() {
    return device;
  }

  /** Threads of one operation. */
  public static int threads() {
    start(TorchSettings.fromProperties());
    return JniUtils.getNumThreads();
  }

  private static void setThreads(int threads) {
    if (threads > 0 && threads != JniUtils.getNumThreads()) {
      JniUtils.setNumThreads(threads);
    }
  }

  /**
   * Makes the calling thread ready for kernels: PyTorch running, no autograd graph recorded (new
   * threads start with recording on), and no graph optimiser. That one rewrites a kernel after its
   * first calls, with other roundings: a resumed run would not give the bits of an unbroken one.
   */
  static void prepareThread() {
    if (PREPARED.get()) {
      return;
    }
    synchronized (Torch.class) {
      if (!started) {
        start(TorchSettings.fromProperties());
      }
    }
    JniUtils.setGradMode(false);
    JniUtils.setGraphExecutorOptimize(false);
    PREPARED.set(true);
  }
}
