package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Embedding and residual connections, two a layer: tokens in, the residual stream out. */
final class Decoder {

  private final Tensor embedding;
  private final List<Residual> residuals;
  // Below it nothing is trained, so nothing is kept and no gradient flows.
  private final int firstTrained;

  /**
   * Composes a decoder.
   *
   * @param embedding [V, C]
   * @param residuals bottom first
   */
  Decoder(Tensor embedding, List<Residual> residuals) {
    this.embedding = embedding;
    this.residuals = List.copyOf(residuals);
    int first = 0;
    while (first < residuals.size() && !residuals.get(first).branch().isTrained()) {
      first++;
    }
    this.firstTrained = first;
  }

  /** Reads all weights; they live as long as the scope. */
  static Decoder load(
      TensorScope scope,
      Architecture a,
      ModelWeights weights,
      @Nullable AdapterParameters adapters,
      Tensor embedding) {
    List<Residual> residuals = new ArrayList<>();
    for (int layer = 0; layer < a.layers(); layer++) {
      var attention =
          new GroupedQueryAttention(
              a,
              layer,
              new LoraLinear(scope, weights, Projection.queryKeyValue(a, layer), adapters),
              new LoraLinear(scope, weights, Projection.attentionOutput(a, layer), adapters));
      var mlp =
          new SwiGlu(
              new LoraLinear(scope, weights, Projection.gateUp(a, layer), adapters),
              new LoraLinear(scope, weights, Projection.down(a, layer), adapters));
      residuals.add(
          new Residual(norm(scope, a, weights, ModelWeights.inputNorm(layer)), attention));
      residuals.add(
          new Residual(norm(scope, a, weights, ModelWeights.postAttentionNorm(layer)), mlp));
    }
    return new Decoder(embedding, residuals);
  }

  static RmsNorm norm(TensorScope scope, Architecture a, ModelWeights weights, String name) {
    return new RmsNorm(weights.read(scope, name), a.normEpsilon());
  }

  /** Takes the adapters' new values. */
  void refresh() {
    residuals.forEach(r -> r.branch().refresh());
  }

  /** Forward without keeping anything: [N] ids to [N, C]. */
  Tensor forward(TensorScope scope, Pass pass, Tensor ids) {
    return forward(scope, pass, ids, residuals.size());
  }

  private Tensor forward(TensorScope scope, Pass pass, Tensor ids, int count) {
    Tensor x = K.tensor(scope, "embed", embedding, ids);
    for (Residual residual : residuals.subList(0, count)) {
      try (TensorScope temporary = new TensorScope()) {
        Tensor y = residual.forward(temporary, pass, x).output();
        temporary.moveTo(scope, y);
        x.close(); // the residual stream's former state
        x = y;
      }
    }
    return x;
  }

  /**
   * Forward for training; close it to release what it keeps.
   *
   * @param recompute whether it keeps only each layer's input and computes the rest again
   */
  Trace trace(Pass pass, Tensor ids, boolean recompute) {
    var trace = new Trace();
    try {
      trace.run(pass, ids, recompute);
      return trace;
    } catch (RuntimeException e) {
      trace.close();
      throw e;
    }
  }

  /** What one forward pass keeps for its backward pass, from the first trained layer up. */
  final class Trace implements AutoCloseable {

    private record Step(TensorScope scope, Residual.Backward backward) {}

    private final TensorScope below = new TensorScope();
    private final Deque<Step> steps = new ArrayDeque<>();
    private @Nullable Tensor output;

    private void run(Pass pass, Tensor ids, boolean recompute) {
      Tensor x = forward(below, pass, ids, firstTrained);
      for (Residual residual : residuals.subList(firstTrained, residuals.size())) {
        var scope = new TensorScope();
        try {
          Residual.Forward done =
              recompute ? recomputed(scope, residual, pass, x) : residual.forward(scope, pass, x);
          steps.push(new Step(scope, done.backward()));
          x = done.output();
        } catch (RuntimeException e) {
          scope.close();
          throw e;
        }
      }
      output = x;
    }

    /** Forward that keeps its output alone; the backward pass does it a second time. */
    private static Residual.Forward recomputed(
        TensorScope scope, Residual residual, Pass pass, Tensor x) {
      try (TensorScope first = new TensorScope()) {
        Tensor y = residual.forward(first, pass, x).output();
        first.moveTo(scope, y);
        return new Residual.Forward(
            y,
            (dx, below) -> {
              try (TensorScope second = new TensorScope()) {
                residual.forward(second, pass, x).backward().apply(dx, below);
              }
            });
      }
    }

    /** The residual stream after the last layer, [N, C]. */
    Tensor output() {
      if (output == null) {
        throw new IllegalStateException("no forward pass was done");
      }
      return output;
    }

    /**
     * Adds the adapters' gradients, releasing each layer's state once it is used.
     *
     * @param dx the output's gradient; overwritten
     */
    void backward(Tensor dx) {
      while (!steps.isEmpty()) {
        Step step = steps.pop();
        try {
          step.backward().apply(dx, !steps.isEmpty());
        } finally {
          step.scope().close();
        }
      }
    }

    @Override
    public void close() {
      steps.forEach(step -> step.scope().close());
      steps.clear();
      below.close();
    }
  }
}
