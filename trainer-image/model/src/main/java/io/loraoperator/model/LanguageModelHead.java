package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.HeadShape;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The final norm and the projection to the vocabulary. Logits exist only where a token is trained,
 * a chunk of positions at a time.
 *
 * @param norm before the projection; null without one
 * @param matrix of the projection, [V, C]
 * @param adapter of it; null without
 * @param bias [V]; null without
 * @param softCap c in c tanh(logit / c); 0 without
 */
record LanguageModelHead(
    @Nullable Norm norm,
    TrainedMatrix matrix,
    @Nullable HeadAdapter adapter,
    @Nullable Bias bias,
    double softCap) {

  /** Reads the head's weights; a tied one is the embedding itself. */
  static LanguageModelHead load(
      TensorScope scope,
      Architecture architecture,
      ModelWeights weights,
      @Nullable AdapterParameters adapters,
      TrainedMatrix embedding) {
    HeadShape shape = architecture.head();
    return new LanguageModelHead(
        shape.norm() == null ? null : Norm.load(scope, weights, adapters, shape.norm()),
        shape.tied() ? embedding : TrainedMatrix.load(scope, weights, adapters, shape.path()),
        HeadAdapter.of(adapters, architecture.headProjection()),
        shape.bias()
            ? Bias.load(scope, weights, weights.dtype(), adapters, List.of(shape.path()))
            : null,
        shape.softCap());
  }

  private Tensor weight() {
    return matrix.working();
  }

  /** What the adapter adds, for the kernels; nothing without one. */
  private List<Tensor> lowRank(TensorScope scope, Tensor input) {
    return adapter == null ? List.of() : List.of(adapter.input(scope, input), adapter.b());
  }

  private List<Tensor> biases() {
    return bias == null ? List.of() : List.of(bias.working());
  }

  private List<Tensor> biasGradients() {
    return bias == null ? List.of() : bias.trained().stream().map(Bias.Part::gradient).toList();
  }

  /** Takes the new values of what is trained. */
  void refresh() {
    matrix.refresh();
    if (norm != null) {
      norm.refresh();
    }
    if (bias != null) {
      bias.refresh();
    }
  }

  /** Bytes of float32 logits that exist at a time. */
  static final long CHUNK_BYTES = 24L << 20;

  /**
   * What a loss is and where it falls.
   *
   * @param lossSum of the trained tokens, in nats, [1]
   * @param gradient of lossSum * scale with respect to the input, [N, C]
   */
  record Loss(Tensor lossSum, Tensor gradient) {}

  /** Loss and its gradient in one pass; {@code x} is [N, C]. */
  Loss loss(TensorScope scope, Tensor x, Pass.Packed pass, double scale) {
    PackedRows rows = pass.rows();
    try (TensorScope temporary = new TensorScope()) {
      Tensor chosen = K.tensor(temporary, "gather_rows", x, rows.positions());
      Norm.Normed normed = normed(temporary, chosen);
      HeadAdapter.Input low =
          adapter == null
              ? null
              : adapter.input(temporary, pass, normed.output(), rows.positions());
      List<Tensor> result =
          K.tensors(
              temporary,
              "cross_entropy",
              normed.output(),
              rows.targets(),
              weight(),
              low == null ? List.of() : low.ofLoss(),
              biases(),
              softCap,
              chunk(),
              scale,
              matrix.gradients(),
              matrix.rowIds(),
              biasGradients());
      if (low != null) {
        low.backward(normed.output(), result.get(1));
      }
      Tensor dx = temporary.own(Tensor.zeros(x.dtype(), chosen.shape()));
      if (norm == null) {
        dx.copyFrom(result.get(1));
      } else {
        norm.backward(result.get(1), chosen, normed, dx);
      }
      return new Loss(
          temporary.moveTo(scope, result.get(0)),
          K.tensor(scope, "scatter_rows", x, rows.positions(), dx));
    }
  }

  /** Losses and hits of the trained tokens; {@code x} is [N, C]. */
  Evaluation evaluate(Tensor x, PackedRows rows) {
    try (TensorScope temporary = new TensorScope()) {
      Tensor chosen = K.tensor(temporary, "gather_rows", x, rows.positions());
      Tensor input = normed(temporary, chosen).output();
      List<Tensor> result =
          K.tensors(
              temporary,
              "evaluate",
              input,
              rows.targets(),
              weight(),
              lowRank(temporary, input),
              biases(),
              softCap,
              chunk());
      return new Evaluation(
          K.number("item", result.get(0)),
          rows.trainedTokens(),
          (long) K.number("item", result.get(1)));
    }
  }

  /** Logits of every position, [N, V] float32. */
  Tensor logits(TensorScope scope, Tensor x) {
    try (TensorScope temporary = new TensorScope()) {
      Tensor input = normed(temporary, x).output();
      return K.tensor(
          scope, "logits", input, weight(), lowRank(temporary, input), biases(), softCap);
    }
  }

  /** Logits of the last position, [1, V] float32. */
  Tensor lastLogits(TensorScope scope, Tensor x) {
    try (TensorScope temporary = new TensorScope()) {
      Tensor last = temporary.own(Tensor.of(new long[] {x.size(0) - 1}, 1));
      return logits(scope, K.tensor(temporary, "gather_rows", x, last));
    }
  }

  private Norm.Normed normed(TensorScope scope, Tensor x) {
    return norm == null ? new Norm.Normed(x, List.of()) : norm.forward(scope, x, 0);
  }

  private long chunk() {
    return Math.max(1, CHUNK_BYTES / (DType.FLOAT32.bytes() * weight().size(0)));
  }
}
