package io.loraoperator.model;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * The weight of the embedding or of the head, which may be trained in full.
 *
 * @param working what is computed with, [V, C], in the model's precision
 * @param value the trained one, float32; the working one itself in that precision; null if frozen
 * @param gradient where its gradient is added; null if frozen
 */
record TrainedMatrix(Tensor working, @Nullable Tensor value, @Nullable Tensor gradient) {

  /** Reads a module's weight; what is trained begins with the base model's values. */
  static TrainedMatrix load(
      TensorScope scope,
      ModelWeights weights,
      @Nullable AdapterParameters parameters,
      String module) {
    String name = module + ".weight";
    if (parameters == null || !parameters.isTrained(module)) {
      return new TrainedMatrix(weights.read(scope, name), null, null);
    }
    Tensor value = parameters.whole(parameters.values(), module);
    weights.visit(name, value::copyFrom);
    Tensor working =
        weights.dtype() == DType.FLOAT32
            ? value
            : scope.own(Tensor.empty(weights.dtype(), value.shape()));
    var matrix =
        new TrainedMatrix(working, value, parameters.whole(parameters.gradients(), module));
    matrix.refresh();
    return matrix;
  }

  /** Takes the trained values into what is computed with. */
  void refresh() {
    if (value != null && value != working) {
      working.copyFrom(value);
    }
  }
}
