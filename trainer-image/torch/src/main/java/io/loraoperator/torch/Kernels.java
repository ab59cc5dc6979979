package io.loraoperator.torch;

import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.TorchScriptCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * TorchScript functions, compiled from text resources. Arguments are {@link Tensor}, {@code
 * List<Tensor>}, {@code Long}, {@code Integer}, {@code Double}, {@code Boolean}, {@link Device},
 * {@code long[]} or {@code List<long[]>}; TorchScript checks them against the function's signature.
 * Calls record no autograd graph. Safe for use by several threads.
 */
public final class Kernels {

  private static final String FOLDER = "/io/loraoperator/torch/kernels/";

  private final String names;
  private final long module;

  private Kernels(String names, long module) {
    this.names = names;
    this.module = module;
  }

  /**
   * Compiles the resources {@code kernels/<name>.py} of this module into one; they may call each
   * other.
   *
   * @throws TorchException if the code does not compile; the message has the line
   */
  public static Kernels load(String... names) {
    StringBuilder code = new StringBuilder();
    for (String name : names) {
      String path = FOLDER + name + ".py";
      try (InputStream in = Kernels.class.getResourceAsStream(path)) {
        if (in == null) {
          throw new IllegalArgumentException("no kernel resource " + path);
        }
        code.append(new String(in.readAllBytes(), StandardCharsets.UTF_8)).append('\n');
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return compile(String.join("+", names), code.toString());
  }

  /**
   * Compiles a text of functions.
   *
   * @param names what to call it in messages
   */
  static Kernels compile(String names, String code) {
    Torch.prepareThread();
    var archive = new ByteArrayInputStream(ScriptArchive.of(code));
    try {
      return new Kernels(
          names, JniUtils.loadModuleHandle(archive, ai.djl.Device.cpu(), false, false));
    } catch (RuntimeException e) {
      throw new TorchException("Kernel " + names + " does not compile: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
  }

  /** Calls a function that returns a tensor, which lives as long as the scope. */
  public Tensor tensor(TensorScope scope, String function, Object... arguments) {
    return scope.own(result(function, arguments));
  }

  /** Calls a function that returns {@code List[Tensor]}; they live as long as the scope. */
  public List<Tensor> tensors(TensorScope scope, String function, Object... arguments) {
    long value = call(function, arguments);
    long[] handles;
    try {
      handles = TorchScriptCalls.toTensors(value);
    } finally {
      TorchScriptCalls.deleteValue(value);
    }
    List<Tensor> tensors = new ArrayList<>(handles.length);
    for (long handle : handles) {
      tensors.add(scope.own(new Tensor(handle)));
    }
    return tensors;
  }

  /** Calls a function that returns {@code float}. */
  public double number(String function, Object... arguments) {
    long value = call(function, arguments);
    try {
      return TorchScriptCalls.toDouble(value);
    } finally {
      TorchScriptCalls.deleteValue(value);
    }
  }

  /** Calls a function that returns {@code bool}. */
  boolean holds(String function, Object... arguments) {
    long value = call(function, arguments);
    try {
      return TorchScriptCalls.toBoolean(value);
    } finally {
      TorchScriptCalls.deleteValue(value);
    }
  }

  /** Calls a function for its effect on the arguments. */
  public void run(String function, Object... arguments) {
    TorchScriptCalls.deleteValue(call(function, arguments));
  }

  /** Calls a function that returns a tensor, which the caller closes. */
  public Tensor result(String function, Object... arguments) {
    long value = call(function, arguments);
    try {
      return new Tensor(TorchScriptCalls.toTensor(value));
    } finally {
      TorchScriptCalls.deleteValue(value);
    }
  }

  private long call(String function, Object[] arguments) {
    Torch.prepareThread();
    long[] values = new long[arguments.length];
    // Values made for this call only: all but the tensors' own.
    long[] owned = new long[arguments.length];
    try {
      for (int i = 0; i < arguments.length; i++) {
        if (arguments[i] instanceof Tensor tensor) {
          values[i] = tensor.value();
        } else {
          owned[i] = value(arguments[i]);
          values[i] = owned[i];
        }
      }
      return TorchScriptCalls.run(module, function, values);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw e; // a wrong argument, said already
    } catch (RuntimeException e) {
      throw new TorchException(
          "Kernel %s.%s failed: %s".formatted(names, function, e.getMessage()), e);
    } finally {
      for (long value : owned) {
        if (value != 0) {
          TorchScriptCalls.deleteValue(value);
        }
      }
    }
  }

  private static long value(Object argument) {
    return switch (argument) {
      case Long n -> TorchScriptCalls.valueOfLong(n);
      case Integer n -> TorchScriptCalls.valueOfLong(n);
      case Double x -> TorchScriptCalls.valueOfDouble(x);
      case Boolean b -> TorchScriptCalls.valueOfBoolean(b);
      case Device d -> TorchScriptCalls.valueOfString(d.torchName());
      case long[] list -> TorchScriptCalls.valueOfLongs(list);
      case List<?> list -> valueOfList(list);
      default ->
          throw new IllegalArgumentException(
              "a kernel takes no argument of " + argument.getClass().getName());
    };
  }

  private static long valueOfList(List<?> list) {
    if (!list.isEmpty() && list.getFirst() instanceof long[]) {
      long[] values = new long[list.size()];
      try {
        for (int i = 0; i < values.length; i++) {
          values[i] = value((long[]) list.get(i));
        }
        return TorchScriptCalls.valueOfValues(values);
      } finally {
        for (long value : values) {
          if (value != 0) {
            TorchScriptCalls.deleteValue(value);
          }
        }
      }
    }
    long[] handles = new long[list.size()];
    for (int i = 0; i < handles.length; i++) {
      if (!(list.get(i) instanceof Tensor tensor)) {
        throw new IllegalArgumentException("a list argument holds tensors or long[]");
      }
      handles[i] = tensor.handle();
    }
    return TorchScriptCalls.valueOfTensors(handles);
  }
}
