package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The weight of the embedding or of the head, which may be trained in full or in some rows.
 *
 * @param working what is computed with, [V, C], in the model's precision
 * @param value what is trained, float32: the working one itself in that precision, or rows of it;
 *     null if frozen
 * @param gradient where its gradient is added; null if frozen
 * @param rows which rows are trained; null for all or none
 */
record TrainedMatrix(
    Tensor working, @Nullable Tensor value, @Nullable Tensor gradient, @Nullable TokenRows rows) {

  /** Reads a module's weight; what is trained begins with the base model's values. */
  static TrainedMatrix load(
      TensorScope scope,
      ModelWeights weights,
      @Nullable AdapterParameters parameters,
      String module) {
    String name = module + ".weight";
    if (parameters != null && !parameters.layout().tokens(module).isEmpty()) {
      return rows(scope, weights, parameters, module);
    }
    if (parameters == null || !parameters.isTrained(module)) {
      return new TrainedMatrix(weights.read(scope, name), null, null, null);
    }
    Tensor value = parameters.whole(parameters.values(), module);
    weights.visit(name, value::copyFrom);
    Tensor working =
        weights.dtype() == DType.FLOAT32
            ? value
            : scope.own(Tensor.empty(weights.dtype(), value.shape()));
    var matrix =
        new TrainedMatrix(working, value, parameters.whole(parameters.gradients(), module), null);
    matrix.refresh();
    return matrix;
  }

  private static TrainedMatrix rows(
      TensorScope scope, ModelWeights weights, AdapterParameters parameters, String module) {
    Tensor working = weights.read(scope, module + ".weight");
    TokenRows rows =
        TokenRows.of(scope, parameters.layout().tokens(module), Math.toIntExact(working.size(0)));
    Tensor value = parameters.rows(parameters.values(), module);
    K.run("take_rows_", value, working, rows.ids());
    return new TrainedMatrix(working, value, parameters.rows(parameters.gradients(), module), rows);
  }

  /** Takes the trained values into what is computed with. */
  void refresh() {
    if (value != null && rows != null) {
      K.run("put_rows_", working, rows.ids(), value);
    } else if (value != null && value != working) {
      working.copyFrom(value);
    }
  }

  /** What the head's kernel adds gradients to: [V, C], or [k, C] of the rows. */
  List<Tensor> gradients() {
    return gradient == null ? List.of() : List.of(gradient);
  }

  /** The trained rows' tokens for the head's kernel; nothing for all. */
  List<Tensor> rowIds() {
    return rows == null ? List.of() : List.of(rows.ids());
  }
}
