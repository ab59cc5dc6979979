package io.loraoperator.model;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Embedding and blocks: tokens in, the residual stream out. */
final class Decoder {

  private final TokenEmbedding embedding;
  private final List<Block> blocks;
  // Below it nothing is trained, so nothing is kept and no gradient flows.
  private final int firstTrained;

  /**
   * Composes a decoder.
   *
   * @param blocks bottom first
   */
  Decoder(TokenEmbedding embedding, List<Block> blocks) {
    this.embedding = embedding;
    this.blocks = List.copyOf(blocks);
    int first = 0;
    while (!embedding.isTrained() && first < blocks.size() && !blocks.get(first).isTrained()) {
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
      TrainedMatrix embedding) {
    boolean addsPositions =
        a.embedding().positions() != null && a.embedding().width() == a.hiddenSize();
    return new Decoder(
        new TokenEmbedding(
            embedding,
            EmbeddingAdapter.of(adapters, a.embedding().module()),
            a.embedding().scale(),
            addsPositions),
        a.blocks().stream().map(shape -> Block.load(scope, weights, adapters, shape)).toList());
  }

  /** Takes the adapters' new values. */
  void refresh() {
    blocks.forEach(Block::refresh);
  }

  /** Forward without keeping anything: [N] ids to [N, C]. */
  Tensor forward(TensorScope scope, Pass pass, Tensor ids) {
    return forward(scope, pass, ids, blocks.size());
  }

  private Tensor forward(TensorScope scope, Pass pass, Tensor ids, int count) {
    Tensor x = embedding.forward(scope, pass, ids);
    for (Block block : blocks.subList(0, count)) {
      try (TensorScope temporary = new TensorScope()) {
        Tensor y = block.forward(temporary, pass, x).output();
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
    var trace = new Trace(ids);
    try {
      trace.run(pass, recompute);
      return trace;
    } catch (RuntimeException e) {
      trace.close();
      throw e;
    }
  }

  /** What one forward pass keeps for its backward pass, from the first trained layer up. */
  final class Trace implements AutoCloseable {

    private record Step(TensorScope scope, Block.Backward backward) {}

    private final TensorScope below = new TensorScope();
    private final Deque<Step> steps = new ArrayDeque<>();
    private final Tensor ids;
    private @Nullable Tensor output;

    private Trace(Tensor ids) {
      this.ids = ids;
    }

    private void run(Pass pass, boolean recompute) {
      Tensor x = forward(below, pass, ids, firstTrained);
      for (Block block : blocks.subList(firstTrained, blocks.size())) {
        var scope = new TensorScope();
        try {
          Block.Forward done =
              recompute ? recomputed(scope, block, pass, x) : block.forward(scope, pass, x);
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
    private static Block.Forward recomputed(TensorScope scope, Block block, Pass pass, Tensor x) {
      try (TensorScope first = new TensorScope()) {
        Tensor y = block.forward(first, pass, x).output();
        first.moveTo(scope, y);
        return new Block.Forward(
            y,
            (gradients, dx, below) -> {
              try (TensorScope second = new TensorScope()) {
                return block.forward(second, pass, x).backward().apply(gradients, dx, below);
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
      try (TensorScope gradients = new TensorScope()) {
        Tensor gradient = dx;
        while (!steps.isEmpty()) {
          Step step = steps.pop();
          try {
            gradient =
                step.backward()
                    .apply(gradients, gradient, !steps.isEmpty() || embedding.isTrained());
          } finally {
            step.scope().close();
          }
        }
        if (embedding.isTrained()) {
          embedding.backward(gradient, ids);
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
