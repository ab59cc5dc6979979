package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.AttentionShape;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * Root mean square norms of each head's queries and keys.
 *
 * @param gains of all query and key heads, [H + K, D]
 * @param epsilon added to the mean squares
 * @param keyValueHeads K
 * @see <a href="https://arxiv.org/abs/2302.05442">Dehghani et al., 2023</a>
 */
record HeadNorm(Tensor gains, double epsilon, int keyValueHeads) {

  /** Reads the norms that an attention has, if it has any. */
  static @Nullable HeadNorm load(TensorScope scope, ModelWeights weights, AttentionShape shape) {
    AttentionShape.HeadNorms norms = shape.headNorms();
    if (norms == null) {
      return null;
    }
    int keyValueHeads = shape.heads().keyValues();
    try (TensorScope temporary = new TensorScope()) {
      Tensor query = Norm.gain(temporary, weights, norms.query());
      Tensor key = Norm.gain(temporary, weights, norms.key());
      return new HeadNorm(
          K.tensor(scope, "head_gains", query, key, shape.heads().queries(), keyValueHeads),
          norms.query().epsilon(),
          keyValueHeads);
    }
  }

  /** Norms queries and keys in [N, (H + 2 K) D]; values stay as they are. */
  Norm.Normed forward(TensorScope scope, Tensor queryKeyValue) {
    return Norm.Normed.of(
        K.tensors(scope, "head_norm", queryKeyValue, gains, epsilon, keyValueHeads));
  }

  /** Turns the output's gradient into the input's, in place. */
  void backward(Tensor dy, Tensor queryKeyValue, Norm.Normed saved) {
    K.run(
        "head_norm_backward_",
        dy,
        queryKeyValue,
        saved.statistics().getFirst(),
        gains,
        keyValueHeads);
  }
}
