package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The magnitudes of a projection's adapted rows: W + s B A gives their directions alone.
 *
 * @param magnitudes of each adapted member, [outputs of the member] float32
 * @param gradients where theirs are added
 * @param norms of the rows of W + s B A, [outputs] float32
 * @param factors magnitudes by norms, 1 where there is no adapter, [outputs] float32
 * @see <a href="https://arxiv.org/abs/2402.09353">Liu et al., 2024</a>
 */
record WeightDecomposition(
    LowRankAdapters adapters,
    List<Tensor> magnitudes,
    List<Tensor> gradients,
    Tensor norms,
    Tensor factors) {

  /**
   * The magnitudes of new adapters: the norms of W's rows.
   *
   * @param wide the product's weight, with B zero
   */
  static WeightDecomposition of(
      TensorScope scope, LowRankAdapters adapters, AdapterParameters parameters, Tensor wide) {
    long outputs = wide.size(0);
    var decomposition =
        new WeightDecomposition(
            adapters,
            views(adapters, parameters, parameters.values()),
            views(adapters, parameters, parameters.gradients()),
            scope.own(Tensor.zeros(DType.FLOAT32, outputs)),
            scope.own(Tensor.zeros(DType.FLOAT32, outputs)));
    K.run("add_one_", decomposition.factors);
    decomposition.measure(wide);
    IntStream.range(0, adapters.members().size())
        .forEach(i ->
            K.run(
                "copy_range_",
                decomposition.magnitudes.get(i),
                decomposition.norms,
                adapters.rows(i)[0]));
    return decomposition;
  }

  private static List<Tensor> views(
      LowRankAdapters adapters, AdapterParameters parameters, Tensor flat) {
    return adapters.members().stream()
        .map(member -> parameters.magnitude(flat, adapters.projection(), member))
        .toList();
  }

  /** Takes new magnitudes and the norms of new adapters. */
  void refresh(Tensor wide) {
    measure(wide);
    K.run("row_factors_", factors, magnitudes, norms, adapters.rows());
  }

  private void measure(Tensor wide) {
    K.run("row_norms_", norms, wide, adapters.a(), adapters.rows(), adapters.ranks());
  }

  /**
   * Computes all members without their biases.
   *
   * @param input its room filled
   * @param keep what each member keeps of it; nothing without dropout
   * @return [N, outputs]
   */
  Tensor forward(TensorScope scope, Tensor input, Tensor wide, List<Tensor> keep) {
    return K.tensor(
        scope,
        "decomposed_linear",
        input,
        wide,
        adapters.projection().inputs(),
        factors,
        keep,
        adapters.rows(),
        adapters.keepScale());
  }

  /**
   * Adds the magnitudes' gradients of a pass without dropout.
   *
   * @return the gradient of (W + s B A) x, [N, outputs]
   */
  Tensor backward(TensorScope scope, Tensor dy, Tensor input, Tensor wide) {
    return K.tensor(
        scope, "decomposed_gradient", dy, input, wide, factors, norms, gradients, adapters.rows());
  }

  /**
   * Adds all gradients of a pass with dropout.
   *
   * @param bGradients where those of B are added
   * @param scaling the factor s of all members
   * @param keep what the forward pass kept
   * @return the input's gradient, [N, C]
   */
  Tensor backwardDropped(
      TensorScope scope,
      Tensor dy,
      Tensor input,
      Tensor wide,
      Tensor a,
      List<Tensor> bGradients,
      double scaling,
      List<Tensor> keep) {
    return K.tensor(
        scope,
        "decomposed_backward_dropout",
        dy,
        input,
        wide,
        a,
        factors,
        norms,
        adapters.aGradient(),
        bGradients,
        gradients,
        adapters.rows(),
        adapters.ranks(),
        scaling,
        keep,
        adapters.keepScale());
  }
}
