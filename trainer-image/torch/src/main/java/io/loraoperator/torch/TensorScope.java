package io.loraoperator.torch;

import java.util.ArrayList;
import java.util.List;

/**
 * A lifetime: tensors made in it are released when it closes. For one thread, in
 * try-with-resources; what has to live longer is {@linkplain #release released} or made in an outer
 * scope.
 */
public final class TensorScope implements AutoCloseable {

  private final List<Tensor> tensors = new ArrayList<>();

  /** Gives a tensor this lifetime. */
  public Tensor own(Tensor tensor) {
    tensors.add(tensor);
    return tensor;
  }

  /** Takes a tensor out of this scope; the caller closes it. */
  public Tensor release(Tensor tensor) {
    for (int i = tensors.size() - 1; i >= 0; i--) {
      if (tensors.get(i) == tensor) { // the very same handle
        tensors.remove(i);
        return tensor;
      }
    }
    throw new IllegalArgumentException("the tensor is not of this scope");
  }

  /** Moves a tensor to a scope that lives longer. */
  public Tensor moveTo(TensorScope target, Tensor tensor) {
    return target.own(release(tensor));
  }

  @Override
  public void close() {
    for (int i = tensors.size() - 1; i >= 0; i--) {
      tensors.get(i).close();
    }
    tensors.clear();
  }
}
