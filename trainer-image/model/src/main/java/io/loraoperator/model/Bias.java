package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What modules add to their outputs, one module's behind the other's; any of them may be trained.
 *
 * @param working what is computed with, [outputs], in the precision of the products
 * @param trained the parts that are trained
 */
record Bias(Tensor working, List<Part> trained) {

  /**
   * The trained bias of one module.
   *
   * @param start its first output
   * @param value float32
   * @param gradient where its gradient is added, float32
   */
  record Part(long start, Tensor value, Tensor gradient) {}

  /** Reads the modules' biases; what is trained begins with the base model's values. */
  static Bias load(
      TensorScope scope,
      ModelWeights weights,
      DType dtype,
      @Nullable AdapterParameters parameters,
      List<String> modules) {
    List<Part> trained = new ArrayList<>();
    long outputs = modules.stream().mapToLong(m -> weights.shape(name(m))[0]).sum();
    Tensor working = scope.own(Tensor.empty(dtype, outputs));
    long start = 0;
    for (String module : modules) {
      long first = start;
      weights.visit(
          name(module),
          dtype,
          values -> {
            K.run("place_vector_", working, values, first);
            if (parameters != null && parameters.layout().trainsBias(module)) {
              Tensor value = parameters.bias(parameters.values(), module);
              value.copyFrom(values);
              trained.add(new Part(first, value, parameters.bias(parameters.gradients(), module)));
            }
          });
      start += weights.shape(name(module))[0];
    }
    return new Bias(working, List.copyOf(trained));
  }

  private static String name(String module) {
    return module + ".bias";
  }

  boolean isTrained() {
    return !trained.isEmpty();
  }

  /** Takes the trained values into what is computed with. */
  void refresh() {
    trained.forEach(part -> K.run("place_vector_", working, part.value(), part.start()));
  }

  /** Adds the gradients; {@code dy} is that of the outputs, [N, outputs]. */
  void backward(Tensor dy) {
    trained.forEach(part -> K.run("add_column_sums_", part.gradient(), dy, part.start()));
  }
}
