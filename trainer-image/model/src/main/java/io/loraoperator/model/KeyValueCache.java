package io.loraoperator.model;

import io.loraoperator.model.architecture.AttentionShape;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.ArrayList;
import java.util.List;

/** Keys and values of one sequence's tokens, [key-value heads, capacity, head size] a layer. */
final class KeyValueCache implements AutoCloseable {

  private final TensorScope scope = new TensorScope();
  private final List<Tensor> keys = new ArrayList<>();
  private final List<Tensor> values = new ArrayList<>();

  KeyValueCache(List<AttentionShape> attentions, DType dtype, int capacity) {
    for (AttentionShape attention : attentions) {
      AttentionShape.Heads heads = attention.heads();
      keys.add(scope.own(Tensor.empty(dtype, heads.keyValues(), capacity, heads.size())));
      values.add(scope.own(Tensor.empty(dtype, heads.keyValues(), capacity, heads.size())));
    }
  }

  Tensor keys(int layer) {
    return keys.get(layer);
  }

  Tensor values(int layer) {
    return values.get(layer);
  }

  @Override
  public void close() {
    scope.close();
  }
}
